// What nobody caught: reported, logged, and then the process ends as it would have ended anyway.

import type { Logger } from "../logger.ts";

export interface ProcessErrorsOptions {
  readonly logger: Logger;
  readonly capture: (error: unknown) => void;
  /** Sends what is waiting; resolves within its own time limit. */
  readonly flush: () => Promise<void>;
}

/**
 * Ends the process with 1 on an uncaught exception or an unhandled rejection (which the runtime turns into one), after it was
 * reported. It never goes on: nobody knows what state it is in. A second one while the first is sent ends it at once.
 */
export function endOnUncaught({ logger, capture, flush }: ProcessErrorsOptions): void {
  let ending = false;
  process.on("uncaughtException", (error: unknown, origin) => {
    logger.fatal({ err: error, origin }, "Uncaught; the process ends");
    if (ending) process.exit(1);
    ending = true;
    capture(error);
    void flush().finally(() => process.exit(1));
  });
}
