// A bounded queue in front of a slow table: writes go out in batches and are tried again, and only some are waited for.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "@fluxstudio/telemetry";

export interface WriteQueueOptions<Item> {
  /** What the items are, for the log: "security events". */
  readonly name: string;
  /** Keeps all of these or none. */
  readonly store: (items: readonly Item[]) => Promise<void>;
  /** Whether the failure is about the items, so that trying again is in vain. */
  readonly isUnstorable: (error: unknown) => boolean;
  /** Whether who writes this item is told when it is stored. */
  readonly isAwaited: (item: Item) => boolean;
  /** How many may wait for this item still to be taken in; above it, it is dropped. */
  readonly placesFor: (item: Item) => number;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** How long an item waits for company. @default 100 */
  readonly flushIntervalMs?: number;
  /** @default 100 */
  readonly batchSize?: number;
  /** How long after a failure the next try is made. @default 1_000 */
  readonly retryMs?: number;
}

export interface WriteQueue<Item> {
  /** Resolves at once, or, for an awaited item, when it is stored; rejects when that failed. It is tried again all the same. */
  write(item: Item): void | Promise<void>;
  /** Resolves when everything written so far is stored. @throws what the store said, when it failed */
  flush(): Promise<void>;
  close(): Promise<void>;
  status(): { readonly queued: number; readonly dropped: number; readonly failing: boolean };
}

interface Waiting<Item> {
  readonly item: Item;
  readonly stored: PromiseWithResolvers<void> | undefined;
}

export function createWriteQueue<Item extends { readonly id: string }>(
  options: WriteQueueOptions<Item>,
): WriteQueue<Item> {
  const { name, store, isUnstorable, isAwaited, placesFor, logger } = options;
  const { flushIntervalMs = 100, batchSize = 100, retryMs = 1_000 } = options;
  const queue: Waiting<Item>[] = [];
  const waiters = new Set<PromiseWithResolvers<void>>();
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;
  let dropped = 0;
  let droppedTold = 0;
  let closed = false;

  function write(item: Item): void | Promise<void> {
    if (closed || queue.length >= placesFor(item)) return drop(item);
    const stored = isAwaited(item) ? Promise.withResolvers<void>() : undefined;
    queue.push({ item, stored });
    if (stored) waiters.add(stored);
    // A store that fails is left alone for a while, whatever comes in; only an awaited item makes another try at once.
    if (stored || (queue.length >= batchSize && !failure)) void drain();
    else drainIn(failure ? retryMs : flushIntervalMs);
    return stored?.promise;
  }

  function drop(item: Item): void | Promise<void> {
    if (dropped === droppedTold && !closed) {
      logger.warn({ queued: queue.length }, `${name} come faster than they can be stored: dropping`);
    }
    dropped++;
    if (isAwaited(item)) return Promise.reject(new Error(`The queue of ${name} is full or closed.`));
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
          await store(batch.map(({ item }) => item));
          size = batchSize;
          succeeded();
        } catch (error) {
          if (!isUnstorable(error)) return failed(error);
          // Alone, so that only the one that cannot be stored is given up.
          if (batch.length > 1) {
            size = 1;
            continue;
          }
          size = batchSize;
          giveUp(batch[0] as Waiting<Item>, error);
        }
        queue.splice(0, batch.length);
        for (const { stored } of batch) if (stored && waiters.delete(stored)) stored.resolve();
      }
      tellDropped();
    } finally {
      writing = undefined;
      if (queue.length > 0 && !closed) drainIn(failure ? retryMs : 0);
    }
  }

  function giveUp({ item, stored }: Waiting<Item>, error: unknown): void {
    dropped++;
    droppedTold++;
    logger.error({ err: error, id: item.id }, `one of the ${name} cannot be stored and is given up`);
    if (stored && waiters.delete(stored)) stored.reject(error);
  }

  function failed(error: unknown): void {
    if (!failure) {
      logger.error({ err: error, queued: queue.length }, `${name} cannot be stored; trying again`);
    }
    failure = { error };
    // Whoever waits is told now; the items themselves stay in the queue.
    for (const waiter of waiters) waiter.reject(error);
    waiters.clear();
  }

  function succeeded(): void {
    if (failure) logger.info({ queued: queue.length }, `${name} are stored again`);
    failure = undefined;
  }

  function tellDropped(): void {
    if (dropped > droppedTold) {
      logger.warn({ dropped: dropped - droppedTold }, `${name} were dropped`);
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
          logger.error({ lost: queue.length }, `${name} are lost at the end of the process`);
        }
      }
    },
    status: () => ({ queued: queue.length, dropped, failing: failure !== undefined }),
  };
}
