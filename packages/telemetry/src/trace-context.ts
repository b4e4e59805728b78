// W3C Trace Context: which request of which caller this one belongs to. It names log lines and nothing else depends on it.

import { randomFillSync } from "node:crypto";

export interface TraceContext {
  /** 16 hexadecimal digits of our own: no other request has them. */
  readonly requestId: string;
  /** 32 hexadecimal digits, when the caller has a trace: other requests may be of the same. */
  readonly traceId: string | undefined;
  /** Whether the caller records it. */
  readonly isSampled: boolean;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values; only version 00 has exactly this form. */
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** The beginning of any later version, behind which there may be more; `ff` is none. */
const laterPattern = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-[\x20-\x7e]*)?$/;
/** A header may be as long as all headers together. */
const longest = 256;
const noTrace = "0".repeat(32);
const noParent = "0".repeat(16);
const idBytes = 8;

/** What the caller says; undefined when it is not exactly as the standard wants it, as if nothing had been said. */
function parseTraceparent(
  text: string | undefined,
): { readonly traceId: string; readonly isSampled: boolean } | undefined {
  if (text === undefined || text.length > longest) return undefined;
  const [, traceId, parentId, flags] = pattern.exec(text) ?? laterPattern.exec(text) ?? [];
  if (traceId === undefined || flags === undefined || traceId === noTrace || parentId === noParent)
    return undefined;
  return { traceId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** What the caller is answered, with our request as its child; undefined when it has no trace. */
export const formatTraceparent = ({ traceId, requestId, isSampled }: TraceContext): string | undefined =>
  traceId && `00-${traceId}-${requestId}-${isSampled ? "01" : "00"}`;

/** Random bytes are drawn for many requests at once. @param fill @default from the runtime's secure source */
export function createTraceIds(fill: (buffer: Buffer) => void = randomFillSync) {
  const pool = Buffer.alloc(idBytes * 256);
  let at = pool.length;

  /** @param traceparent as the caller sent it */
  return (traceparent: string | undefined): TraceContext => {
    if (at === pool.length) {
      fill(pool);
      at = 0;
    }
    const requestId = pool.toString("hex", at, at + idBytes);
    at += idBytes;
    const { traceId, isSampled = false } = parseTraceparent(traceparent) ?? {};
    return { requestId, traceId, isSampled };
  };
}
