// A bounded queue in front of a slow keeper of events: writes go out in batches, and only decisions are waited for.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { SecurityEvent } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";

export interface EventQueueOptions {
  /** Keeps all of these or none. */
  readonly store: (events: readonly SecurityEvent[]) => Promise<void>;
  /** Whether the failure is about the events, so that trying again is in vain. */
  readonly isUnstorable: (error: unknown) => boolean;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** How long an event waits for company. @default 100 */
  readonly flushIntervalMs?: number;
  /** @default 100 */
  readonly batchSize?: number;
  /**
   * Events that wait at most. Above it, those without detection and decision are dropped; above twice as many, those
   * without decision; above ten times as many, any: a process that runs out of memory would lose them all.
   * @default 10_000
   */
  readonly maxQueued?: number;
  /** How long after a failure the next try is made. @default 1_000 */
  readonly retryMs?: number;
}

export interface EventQueue {
  /** Resolves at once, or, for an event that made a decision, when it is stored; rejects when that failed. It is tried again all the same. */
  write(event: SecurityEvent): void | Promise<void>;
  /** Resolves when everything written so far is stored. @throws what the store said, when it failed */
  flush(): Promise<void>;
  close(): Promise<void>;
  status(): { readonly queued: number; readonly dropped: number; readonly failing: boolean };
}

interface Waiting {
  readonly event: SecurityEvent;
  readonly stored: PromiseWithResolvers<void> | undefined;
}

export function createEventQueue(options: EventQueueOptions): EventQueue {
  const { store, isUnstorable, logger } = options;
  const { flushIntervalMs = 100, batchSize = 100, maxQueued = 10_000, retryMs = 1_000 } = options;
  const queue: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;
  let dropped = 0;
  let droppedTold = 0;
  let closed = false;

  function write(event: SecurityEvent): void | Promise<void> {
    if (closed || queue.length >= placesFor(event, maxQueued)) return drop(event);
    const stored = isAwaited(event) ? Promise.withResolvers<void>() : undefined;
    queue.push({ event, stored });
    // A store that fails is left alone for a while, whatever comes in; only a decision makes another try at once.
    if (stored || (queue.length >= batchSize && !failure)) void drain();
    else drainIn(failure ? retryMs : flushIntervalMs);
    return stored?.promise;
  }

  function drop(event: SecurityEvent): void | Promise<void> {
    if (dropped === droppedTold && !closed) {
      logger.warn({ maxQueued }, "security events come faster than they can be stored: dropping");
    }
    dropped++;
    if (isAwaited(event)) return Promise.reject(new Error("The queue of security events is full or closed."));
  }

  function drainIn(ms: number): void {
    if (timer || writing) return;
    timer = setTimeout(drain, ms);
    timer.unref();
  }

  function drain(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll();
    return writing;
  }

  async function writeAll(): Promise<void> {
    let size = batchSize;
    try {
      // Whatever else is written in this turn of the event loop goes along, and requests are served between batches.
      for (await nextTurn(); queue.length > 0; await nextTurn()) {
        const batch = queue.slice(0, size);
        try {
          await store(batch.map(({ event }) => event));
          size = batchSize;
          succeeded();
        } catch (error) {
          if (!isUnstorable(error)) return failed(error);
          // Alone, so that only the one event that cannot be stored is given up.
          if (batch.length > 1) {
            size = 1;
            continue;
          }
          size = batchSize;
          giveUp(batch[0] as Waiting, error);
        }
        queue.splice(0, batch.length);
        for (const { stored } of batch) stored?.resolve();
      }
      tellDropped();
    } finally {
      writing = undefined;
      if (queue.length > 0 && !closed) drainIn(failure ? retryMs : 0);
    }
  }

  function giveUp({ event, stored }: Waiting, error: unknown): void {
    dropped++;
    droppedTold++;
    logger.error({ err: error, eventId: event.id }, "a security event cannot be stored and is given up");
    stored?.reject(error);
  }

  function failed(error: unknown): void {
    if (!failure) {
      logger.error({ err: error, queued: queue.length }, "security events cannot be stored; trying again");
    }
    failure = { error };
    // Whoever waits is told now; the events themselves stay in the queue.
    for (const { stored } of queue) stored?.reject(error);
  }

  function succeeded(): void {
    if (failure) logger.info({ queued: queue.length }, "security events are stored again");
    failure = undefined;
  }

  function tellDropped(): void {
    if (dropped > droppedTold) {
      logger.warn({ dropped: dropped - droppedTold }, "security events were dropped");
    }
    droppedTold = dropped;
  }

  async function flush(): Promise<void> {
    if (queue.length > 0) await drain();
    if (failure && queue.length > 0) throw failure.error;
  }

  return {
    write,
    flush,
    async close() {
      try {
        await flush();
      } finally {
        closed = true;
        clearTimeout(timer);
        if (queue.length > 0) {
          logger.error({ lost: queue.length }, "security events are lost at the end of the process");
        }
      }
    },
    status: () => ({ queued: queue.length, dropped, failing: failure !== undefined }),
  };
}

/** An event that made a decision; one that sums up refusals under a decision did not. */
function isAwaited({ decision, refusals }: SecurityEvent): boolean {
  return decision !== undefined && refusals === undefined;
}

function placesFor({ decision, detections }: SecurityEvent, maxQueued: number): number {
  if (decision) return maxQueued * 10;
  return detections.length > 0 ? maxQueued * 2 : maxQueued;
}
