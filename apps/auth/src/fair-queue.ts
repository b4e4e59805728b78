// A bounded queue that serves its sources in turn: whoever asks for a lot waits for himself, not everybody for him.

import { createLane, type LaneLimits, type Source } from "./waiting-lane.ts";

export interface FairQueueOptions extends LaneLimits {
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Places that only known sources may have, besides the others. */
  readonly keptForKnown: number;
  /** What a job that finds no place, or has to give it up, is rejected with. */
  readonly makeBusyError: () => Error;
}

export interface JobSource extends Source {
  /** Known ones wait in a line of their own, so that no flood of strangers keeps them out. */
  readonly isKnown: boolean;
}

export interface FairQueue {
  run<Result>(source: JobSource, job: () => Promise<Result>): Promise<Result>;
  /** Whether a job of this source would find no place at present. */
  isFull(source: JobSource): boolean;
  /** The same; it counts as refused then. */
  refuses(source: JobSource): boolean;
  /** Whether as many of this source, or of its network, wait as may, whatever others do. */
  hasItsShare(source: JobSource): boolean;
  status(): FairQueueStatus;
}

export interface FairQueueStatus {
  readonly running: number;
  readonly waiting: number;
  /** Since the start: jobs that found no place, or had to give it up. */
  readonly refused: number;
}

export function createFairQueue(options: FairQueueOptions): FairQueue {
  const { concurrency, keptForKnown, maxWaitingPerSource, makeBusyError } = options;
  const strangers = createLane(options);
  const known = createLane({ maxWaiting: keptForKnown, maxWaitingPerSource });
  let running = 0;
  let refused = 0;
  let lastWasKnown = false;

  async function run<Result>(source: JobSource, job: () => Promise<Result>): Promise<Result> {
    if (running < concurrency) running++;
    else await turnOf(source);
    try {
      return await job();
    } finally {
      running--;
      startNext();
    }
  }

  const laneOf = ({ isKnown }: JobSource) => (isKnown ? known : strangers);

  /** Resolves when a running job has left its place to this one. */
  function turnOf(source: JobSource): Promise<void> {
    return new Promise((start, refuse) => {
      const reject = () => refuse(refusal());
      if (!laneOf(source).add(source, { start, reject })) reject();
    });
  }

  /** Of both lines in turn: neither waits for the end of the other. */
  function startNext(): void {
    const [first, second] = lastWasKnown ? [strangers, known] : [known, strangers];
    const fromFirst = first.next();
    const job = fromFirst ?? second.next();
    if (!job) return;
    lastWasKnown = (fromFirst ? first : second) === known;
    running++;
    job.start();
  }

  function refusal(): Error {
    refused++;
    return makeBusyError();
  }

  const isFull = (source: JobSource): boolean =>
    running >= concurrency && !laneOf(source).hasPlaceFor(source);

  function refuses(source: JobSource): boolean {
    const isRefused = isFull(source);
    if (isRefused) refused++;
    return isRefused;
  }

  const status = () => ({ running, waiting: strangers.length + known.length, refused });
  const hasItsShare = (source: JobSource) => laneOf(source).hasItsShare(source);
  return { run, isFull, refuses, hasItsShare, status };
}
