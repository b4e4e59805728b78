// Has a list loaded in a thread of its own, so that a million lines stop nobody's requests.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { LoadJob, LoadResult } from "./load.ts";

export interface RunningLoad {
  /** Rejects when the thread dies: it has run out of memory, or was stopped. */
  readonly result: Promise<LoadResult>;
  /** Resolves when the thread is gone. */
  stop(): Promise<void>;
}

/** Several times what a million networks take. Beyond this the thread dies, and nothing else. */
const heapMegabytes = 512;

export function runLoad(job: LoadJob): RunningLoad {
  const worker = new Worker(new URL("./load-worker.ts", import.meta.url), {
    name: "ip-list",
    workerData: job,
    // Options of this process, such as a profiler's, are not meant for it.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const exit = once(worker, "exit").catch(() => undefined);
  const result = Promise.race([
    // `once` rejects with what the thread throws.
    once(worker, "message").then(([message]: LoadResult[]) => message as LoadResult),
    exit.then(() => Promise.reject(new Error("the thread ended early"))),
  ]);
  const stop = async () => void (await worker.terminate());
  // Its memory is given back at once, not when its last connection ends.
  return { result: result.finally(() => void stop()), stop };
}
