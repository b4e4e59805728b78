// Where sign-ins wait before anything is done for them: in there each costs a few kilobytes, in the application a hundred times as much.

import { AsyncLocalStorage } from "node:async_hooks";
import { createFairQueue, type FairQueueStatus, type JobSource } from "../fair-queue.ts";
import { hashesAtOnce, queueLimits } from "../password-queue.ts";

/** So many are in the application at a time that the next password is there whenever one has been hashed. */
const atOnce = 2 * hashesAtOnce + 4;

/** Of a request that was called in. */
export interface Visit {
  /** Of `performance.now`; the waiting is part of what its answer took. */
  readonly arrivedAt: number;
  /** The next one's turn; any further call does nothing. */
  leave(): void;
}

/** What goes on until the answer is written is not worth waiting for: who has had the password hashed says so. */
export const visit = new AsyncLocalStorage<Visit>();

export interface WaitingRoom {
  /** Whether there is no place for this source at present. */
  isFull(source: JobSource): boolean;
  /** The same; it counts as refused then. */
  refuses(source: JobSource): boolean;
  /** Whether as many of this source, or of its network, wait as may, whatever others do. */
  hasItsShare(source: JobSource): boolean;
  /** @param goOn is called when its turn comes @param turnAway instead of it: there is no place, or it was given to somebody else */
  enter(source: JobSource, calls: { goOn(visit: Visit): void; turnAway(): void }): void;
  status(): FairQueueStatus;
}

export function createWaitingRoom(): WaitingRoom {
  const queue = createFairQueue({
    ...queueLimits,
    concurrency: atOnce,
    makeBusyError: () => new Error("busy"),
  });
  return {
    isFull: queue.isFull,
    refuses: queue.refuses,
    hasItsShare: queue.hasItsShare,
    enter(source, { goOn, turnAway }) {
      const arrivedAt = performance.now();
      queue
        .run(source, () => {
          const { promise, resolve: leave } = Promise.withResolvers<void>();
          const own: Visit = { arrivedAt, leave };
          visit.run(own, () => goOn(own));
          return promise;
        })
        .catch(turnAway);
    },
    status: queue.status,
  };
}
