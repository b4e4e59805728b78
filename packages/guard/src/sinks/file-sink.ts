// An event sink that appends one line of JSON for each event to a file, rotates it by size, and never keeps a request waiting.

import type { EventSink, SecurityEvent } from "../event.ts";
import { type Appended, createLogFile } from "./log-file.ts";

export interface FileSinkOptions {
  /** A regular file; it and its directory are made when they are not there. For this process alone. */
  readonly path: string;
  /** What is written of an event. @default the event itself */
  readonly format?: (event: SecurityEvent) => unknown;
  /** A file that would grow beyond is renamed to `path.1`, that one to `path.2`, and so on. @default 100 MiB */
  readonly maxBytes?: number;
  /** Renamed files that are kept. @default 9 */
  readonly maxOldFiles?: number;
  /** Events that wait for the disk at most; further ones are dropped. @default 10_000 */
  readonly maxQueued?: number;
  /** How long an event waits for company. @default 100 */
  readonly flushIntervalMs?: number;
  /** How long after a failure the next try is made. @default 1_000 */
  readonly retryMs?: number;
  /** Told of the first failure in a row; must not throw. */
  readonly onError: (error: unknown) => void;
  /** Told when writing works again, with the events that were dropped meanwhile; must not throw. */
  readonly onRecovered?: (report: { readonly dropped: number }) => void;
}

export interface FileSink extends EventSink {
  write(event: SecurityEvent): void;
  flush(): Promise<void>;
  /** Writes what waits, if it can be written, and brings it to the disk. @throws what the file system said */
  close(): Promise<void>;
  status(): { readonly queued: number; readonly dropped: number; readonly failing: boolean };
}

/** Lines of one write. */
const batchSize = 200;

/** Opens the file at once, so that a path which cannot be written to is told before the first event. */
export function createFileSink(options: FileSinkOptions): FileSink {
  const { path, format = (event) => event, onError, onRecovered = () => {} } = options;
  const { maxBytes = 100 * 2 ** 20, maxOldFiles = 9 } = options;
  const { maxQueued = 10_000, flushIntervalMs = 100, retryMs = 1_000 } = options;
  const file = createLogFile({ path, maxBytes, maxOldFiles });
  const queue: SecurityEvent[] = [];
  /** What is being written, and how far. */
  let batch: Appended | undefined;
  let inBatch = 0;
  let draining: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;
  let dropped = 0;
  let droppedTold = 0;
  let closed = false;
  const queued = () => queue.length + inBatch;

  function write(event: SecurityEvent): void {
    if (closed || queued() >= maxQueued) {
      dropped++;
      return;
    }
    queue.push(event);
    if (queue.length >= batchSize && !failure) void drain();
    else drainIn(failure ? retryMs : flushIntervalMs);
  }

  function drainIn(ms: number): void {
    if (timer || draining || closed) return;
    timer = setTimeout(drain, ms);
    timer.unref();
  }

  function drain(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    draining ??= writeAll().finally(() => {
      draining = undefined;
      // Also with nothing to write: that it can be written again should be known before the next event.
      if (failure) drainIn(retryMs);
      else if (queued() > 0) drainIn(flushIntervalMs);
    });
    return draining;
  }

  async function writeAll(): Promise<void> {
    try {
      await file.open();
      while (batch || queue.length > 0) {
        batch ??= nextBatch();
        await file.append(batch);
        batch = undefined;
        inBatch = 0;
      }
      succeeded();
    } catch (error) {
      if (!failure) onError(error);
      failure = { error };
    }
  }

  function nextBatch(): Appended {
    const events = queue.splice(0, batchSize);
    inBatch = events.length;
    return {
      bytes: Buffer.from(events.map((event) => `${JSON.stringify(format(event))}\n`).join("")),
      at: 0,
    };
  }

  function succeeded(): void {
    if (failure || dropped > droppedTold) onRecovered({ dropped: dropped - droppedTold });
    failure = undefined;
    droppedTold = dropped;
  }

  async function flush(): Promise<void> {
    await draining;
    if (queued() > 0) await drain();
    if (failure && queued() > 0) throw failure.error;
  }

  void drain();
  return {
    name: `file ${path}`,
    write,
    flush,
    async close() {
      closed = true;
      clearTimeout(timer);
      try {
        await flush();
      } finally {
        await file.close();
      }
    },
    status: () => ({ queued: queued(), dropped, failing: failure !== undefined }),
  };
}
