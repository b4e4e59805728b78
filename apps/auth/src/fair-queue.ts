// A bounded queue that serves its sources in turn: whoever asks for a lot waits for himself, not everybody for him.

export interface FairQueueOptions {
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Jobs that wait at most, all sources together. */
  readonly maxWaiting: number;
  /** Jobs of one source that wait at most. */
  readonly maxWaitingPerSource: number;
  /** What a job that finds no place, or has to give it up, is rejected with. */
  readonly makeBusyError: () => Error;
}

export interface FairQueue {
  run<Result>(source: string, job: () => Promise<Result>): Promise<Result>;
  /** Whether a job of this source would find no place at present; it counts as refused then. */
  refuses(source: string): boolean;
  status(): FairQueueStatus;
}

export interface FairQueueStatus {
  readonly running: number;
  readonly waiting: number;
  /** Since the start: jobs that found no place, or had to give it up. */
  readonly refused: number;
}

interface Waiting {
  start(): void;
  reject(error: Error): void;
}

export function createFairQueue(options: FairQueueOptions): FairQueue {
  const { concurrency, maxWaiting, maxWaitingPerSource, makeBusyError } = options;
  /** By source, in the order in which their turns come; none of them empty. */
  const waiting = new Map<string, Waiting[]>();
  let waitingCount = 0;
  let running = 0;
  let refused = 0;

  async function run<Result>(source: string, job: () => Promise<Result>): Promise<Result> {
    if (running < concurrency) running++;
    else await turnOf(source);
    try {
      return await job();
    } finally {
      running--;
      startNext();
    }
  }

  const waitingOf = (source: string): Waiting[] => waiting.get(source) ?? [];

  function hasPlaceFor(source: string): boolean {
    const { length } = waitingOf(source);
    // Room is made at the cost of who has the most; not if that is no fairer than before.
    return length < maxWaitingPerSource && (waitingCount < maxWaiting || mostOfOne().length > length + 1);
  }

  /** Resolves when a running job has left its place to this one. */
  function turnOf(source: string): Promise<void> {
    if (!hasPlaceFor(source)) throw refusal();
    if (waitingCount >= maxWaiting) mostOfOne().pop()?.reject(refusal());
    else waitingCount++;
    const own = waitingOf(source);
    return new Promise((start, reject) => {
      own.push({ start, reject });
      waiting.set(source, own);
    });
  }

  function startNext(): void {
    const [next] = waiting;
    if (!next) return;
    const [source, jobs] = next;
    const job = jobs.shift();
    waitingCount--;
    running++;
    // To the end of the line.
    waiting.delete(source);
    if (jobs.length > 0) waiting.set(source, jobs);
    job?.start();
  }

  function mostOfOne(): Waiting[] {
    let most: Waiting[] = [];
    for (const jobs of waiting.values()) if (jobs.length > most.length) most = jobs;
    return most;
  }

  function refusal(): Error {
    refused++;
    return makeBusyError();
  }

  function refuses(source: string): boolean {
    const isRefused = running >= concurrency && !hasPlaceFor(source);
    if (isRefused) refused++;
    return isRefused;
  }

  return { run, refuses, status: () => ({ running, waiting: waitingCount, refused }) };
}
