// Answers that are written without a framework: the headers of all answers, made once, and the ids of the request.

import type { IncomingMessage, ServerResponse } from "node:http";
import { formatTraceparent, type OpenRequest } from "@fluxstudio/telemetry";
import { Hono } from "hono";
import { announcedBytes, largestBytes } from "../body-size.ts";
import { securityHeaders } from "../pages/security-headers.ts";

export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly method: string;
  readonly path: string;
}

export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface FixedAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: object;
}

export type WriteAnswer = (
  exchange: Pick<Exchange, "incoming" | "outgoing">,
  request: OpenRequest,
  answer: FixedAnswer,
) => void;

/**
 * Writes answers with the security headers that the application's own have, asked of the same middleware.
 * @param publicUrl undefined: without them, as for probes
 */
export async function createAnswerWriter(publicUrl?: string): Promise<WriteAnswer> {
  const app = new Hono();
  if (publicUrl !== undefined) app.use(securityHeaders(publicUrl));
  app.get("/", (c) => c.json({}));
  const sample = await app.request("/");
  const common = [...sample.headers].flat();

  /** Of answers that are always the same, made once. */
  const made = new WeakMap<FixedAnswer, Made>();

  function make({ headers, body }: FixedAnswer): Made {
    const text = JSON.stringify(body);
    const length = ["content-length", String(Buffer.byteLength(text))];
    return { text, fields: [...common, ...Object.entries(headers).flat(), ...length] };
  }

  return ({ incoming, outgoing }, request, answer) => {
    const known = made.get(answer) ?? make(answer);
    made.set(answer, known);
    const fields = [...known.fields, "x-request-id", request.requestId];
    const traceparent = formatTraceparent(request);
    if (traceparent !== undefined) fields.push("traceparent", traceparent);
    // Whoever sends more, or does not say how much, may do so to somebody who listens.
    if (!isShort(incoming)) fields.push("connection", "close");
    outgoing.writeHead(answer.status, fields);
    outgoing.end(known.text);
  };
}

interface Made {
  readonly text: string;
  readonly fields: readonly string[];
}

/** Read to its end and dropped, so that the connection can go on. */
const isShort = (incoming: IncomingMessage): boolean =>
  incoming.complete || announcedBytes(incoming) <= largestBytes;
