// Log lines of the same moment go out together: a write for each of them would take longer than the lines do.

import type { DestinationStream } from "pino";

/** How long a line waits for others. */
const togetherMs = 10;
/** Lines are not kept longer than this many characters, whatever comes at once. */
const mostWaiting = 64 * 1024;

/**
 * A process that ends, in whatever way it can notice, writes what is left; one that is killed loses those of its last moment.
 * @param destination writes before it returns
 */
export function createLineBuffer(destination: DestinationStream): DestinationStream {
  let waiting = "";

  function flush(): void {
    if (waiting === "") return;
    const lines = waiting;
    waiting = "";
    destination.write(lines);
  }

  process.on("exit", flush);
  return {
    write(line) {
      if (waiting === "") setTimeout(flush, togetherMs).unref();
      waiting += line;
      if (waiting.length > mostWaiting) flush();
    },
  };
}
