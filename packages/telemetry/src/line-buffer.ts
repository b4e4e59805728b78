// Log lines of one turn of the event loop go out together: a write for each of them would take longer than the lines do.

import type { DestinationStream } from "pino";

/** Lines are not kept longer than this many characters, whatever one turn writes. */
const mostWaiting = 64 * 1024;

/**
 * A process that ends, in whatever way it can notice, writes what is left; one that is killed loses the lines of its last turn.
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
      if (waiting === "") setImmediate(flush);
      waiting += line;
      if (waiting.length > mostWaiting) flush();
    },
  };
}
