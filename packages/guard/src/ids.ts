// Ids: UUID version 7 (RFC 9562) for what is stored, cheap process-unique ones for signals.

import { randomBytes } from "node:crypto";

const poolSize = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** A UUID that sorts by its time. @param at milliseconds since 1970 */
export function uuidv7(at: number): string {
  if (used + 10 > pool.length) {
    pool = randomBytes(poolSize);
    used = 0;
  }
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(at)), 0, 6);
  pool.copy(bytes, 6, used, used + 10);
  used += 10;
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Ids for signals: unique among the processes that share a store, and cheap to make for every request. */
export function createSignalIds(): () => string {
  // Windows keep these; up to twelve characters are one piece of memory, longer sums of two texts three.
  const process = randomBytes(5).toString("base64url");
  let count = 0;
  return () => process + (count++).toString(36);
}
