// Answers that are written without a framework: the headers of all answers, made once, and the ids of the request.

import type { IncomingMessage, ServerResponse } from "node:http";
import { formatTraceparent, type OpenRequest } from "@fluxstudio/telemetry";
import { Hono } from "hono";
import { securityHeaders } from "../pages/security-headers.ts";

/** A body that is no larger is read to its end and dropped, so that the connection can go on. */
const largestDroppedBytes = 64 * 1024;

export interface FixedAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: object;
}

export type WriteAnswer = (
  exchange: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
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

function isShort({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= largestDroppedBytes;
}
