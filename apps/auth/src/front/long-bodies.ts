// Bodies of more than 8 kB: only so many at a time, or slow senders would fill the memory. A sign-in has some hundred bytes.

import type { IncomingMessage } from "node:http";
import { announcedBytes } from "../body-size.ts";

const shortBytes = 8 * 1024;

/**
 * @param maxAtOnce with bodies of 64 kB, 64 MB
 * @returns whether there is room for the body of a request, which has it then until it has been read or is over
 */
export function createLongBodies(maxAtOnce = 1_000): (incoming: IncomingMessage) => boolean {
  let open = 0;
  return (incoming) => {
    if (announcedBytes(incoming) <= shortBytes) return true;
    if (open >= maxAtOnce) return false;
    open++;
    incoming.once("close", () => open--);
    return true;
  };
}
