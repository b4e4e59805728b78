// Reads a body to its end before anybody waits with it: who sends his slowly must keep no place from others.

import type { Readable } from "node:stream";

/** Calls back once: with the body, or that it is too long; not at all when the client goes away. */
export function readBody(
  incoming: Readable,
  maxBytes: number,
  done: (body: Buffer | "too-long") => unknown,
): void {
  let held: Buffer = Buffer.alloc(0);
  let length = 0;

  /** Into one buffer: kept by themselves, pieces of one byte each take hundreds of times as much. */
  function append(chunk: Buffer, before: number): void {
    if (length > held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(length, 2 * held.length)));
      held.copy(grown, 0, 0, before);
      held = grown;
    }
    chunk.copy(held, before);
  }

  const onData = (chunk: Buffer) => {
    const before = length;
    length += chunk.length;
    if (length <= maxBytes) {
      if (before === 0) held = chunk;
      else append(chunk, before);
      return;
    }
    incoming.off("data", onData).off("end", onEnd);
    incoming.resume();
    done("too-long");
  };
  const onEnd = () => done(held.subarray(0, length));
  incoming
    .on("data", onData)
    .once("end", onEnd)
    .once("error", () => {});
}
