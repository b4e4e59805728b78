// Bodies of more than 8 kB: only so many at a time, or slow senders would fill the memory. A sign-in has some hundred bytes.

import { announcedBytes } from "../body-size.ts";
import type { Exchange } from "./fixed-answers.ts";

const shortBytes = 8 * 1024;

/**
 * @param maxAtOnce with bodies of 64 kB, 64 MB
 * @returns whether there is room for the body of a request, which has it then until it has been read or is over
 */
export function createLongBodies(
  maxAtOnce = 1_000,
): (exchange: Pick<Exchange, "incoming" | "outgoing">) => boolean {
  let open = 0;
  return ({ incoming, outgoing }) => {
    if (announcedBytes(incoming) <= shortBytes) return true;
    if (open >= maxAtOnce) return false;
    open++;
    let isOpen = true;
    const close = () => {
      if (isOpen) open--;
      isOpen = false;
    };
    // The first when the body is there, or its connection ends before an answer; the second once there is an answer, after which
    // the end of a request that was not read is told nobody.
    incoming.once("close", close);
    outgoing.once("close", close);
    return true;
  };
}
