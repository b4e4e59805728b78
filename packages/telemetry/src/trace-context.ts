// W3C Trace Context: which request of which caller this one belongs to. It names log lines and nothing else depends on it.

import { randomFillSync } from "node:crypto";

export interface TraceContext {
  /** 32 hexadecimal digits; the caller's, so others may have the same. */
  readonly traceId: string;
  /** 16 hexadecimal digits of our own: no other request has them. */
  readonly requestId: string;
  /** Whether the caller records the trace. */
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

/** What the caller says; undefined when it is not exactly as the standard wants it, as if nothing had been said. */
function parseTraceparent(text: string | undefined): Pick<TraceContext, "traceId" | "isSampled"> | undefined {
  if (text === undefined || text.length > longest) return undefined;
  const [, traceId, parentId, flags] = pattern.exec(text) ?? laterPattern.exec(text) ?? [];
  if (traceId === undefined || flags === undefined || traceId === noTrace || parentId === noParent)
    return undefined;
  return { traceId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const formatTraceparent = ({ traceId, requestId, isSampled }: TraceContext): string =>
  `00-${traceId}-${requestId}-${isSampled ? "01" : "00"}`;

/** Random bytes are drawn for many requests at once. @param fill @default from the runtime's secure source */
export function createTraceIds(fill: (buffer: Buffer) => void = randomFillSync) {
  const pool = Buffer.alloc(24 * 128);
  let at = pool.length;

  function hex(bytes: number): string {
    if (at + bytes > pool.length) {
      fill(pool);
      at = 0;
    }
    at += bytes;
    return pool.toString("hex", at - bytes, at);
  }

  /** @param traceparent as the caller sent it */
  return (traceparent: string | undefined): TraceContext => {
    const { traceId = hex(16), isSampled = false } = parseTraceparent(traceparent) ?? {};
    return { traceId, requestId: hex(8), isSampled };
  };
}
