// Reads a body to its end before anybody waits with it: who sends his slowly must keep no place from others.

import type { IncomingMessage } from "node:http";

/** Calls back once: with the body, or that it is too long; not at all when the client goes away. */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer | "too-long") => unknown,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const onData = (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    incoming.off("data", onData).off("end", onEnd);
    incoming.resume();
    done("too-long");
  };
  const onEnd = () => done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  incoming
    .on("data", onData)
    .once("end", onEnd)
    .once("error", () => {});
}
