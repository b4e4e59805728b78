// An orderly end: on SIGTERM or SIGINT the steps run in order, and the process exits in any case.

import { constants } from "node:os";
import type { Logger } from "./logger.ts";

export interface ShutdownStep {
  /** What it does, for the log: "finish requests". */
  readonly name: string;
  readonly run: () => unknown;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** In this order: stop accepting, finish requests, flush, close. One that fails is logged, and the next one runs. */
  readonly steps: readonly ShutdownStep[];
  /** Time for all steps together; whoever sends SIGTERM usually follows with SIGKILL. @default 10_000 */
  readonly timeoutMs?: number;
}

/**
 * Waits for SIGTERM or SIGINT, runs the steps and exits: with 0, with 1 when a step failed or the time ran out. A second
 * signal exits at once, with 128 and the signal's number as shells do.
 * @returns starts the same without a signal
 */
export function onShutdown({ logger, steps, timeoutMs = 10_000 }: ShutdownOptions): (reason: string) => void {
  let stopping = false;

  async function stop(reason: string): Promise<void> {
    logger.info({ reason }, "stopping");
    let current = "";
    let exitCode = 0;
    setTimeout(() => {
      logger.error({ step: current, timeoutMs }, "stopping took too long; exiting now");
      process.exit(1);
    }, timeoutMs);
    for (const step of steps) {
      current = step.name;
      try {
        await step.run();
      } catch (error) {
        exitCode = 1;
        logger.error({ err: error, step: step.name }, "a step of stopping failed");
      }
    }
    logger.info("stopped");
    process.exit(exitCode);
  }

  function start(reason: string): void {
    if (stopping) return;
    stopping = true;
    void stop(reason);
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      start(signal);
    });
  }
  return start;
}
