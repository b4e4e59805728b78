// Answers that are written without a framework: the headers of all answers, made once, and the ids of the request.

import type { IncomingMessage, ServerResponse } from "node:http";
import { formatTraceparent, type OpenRequest } from "@fluxstudio/telemetry";
import { Hono } from "hono";
import { largestBytes } from "../body-size.ts";
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

  return ({ incoming, outgoing }, request, { status, headers, body }) => {
    const text = JSON.stringify(body);
    const traceparent = formatTraceparent(request);
    const fields = [
      ...common,
      ...Object.entries(headers).flat(),
      ...["x-request-id", request.requestId],
      ...(traceparent === undefined ? [] : ["traceparent", traceparent]),
      ...["content-length", String(Buffer.byteLength(text))],
      // Whoever sends more, or does not say how much, may do so to somebody who listens.
      ...(isShort(incoming) ? [] : ["connection", "close"]),
    ];
    outgoing.writeHead(status, fields);
    outgoing.end(text);
  };
}

/** Read to its end and dropped, so that the connection can go on. */
function isShort({ headers, complete }: IncomingMessage): boolean {
  if (complete) return true;
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= largestBytes;
}
