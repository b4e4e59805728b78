// Sources take turns, and a full queue takes from whoever has the most in it.

import { expect, it } from "vitest";
import { createFairQueue, type FairQueueOptions } from "./fair-queue.ts";

it("serves sources in turn, whoever came first and with how much", async () => {
  const { ask, finish, started } = setUp({ concurrency: 1 });
  for (const job of ["a1", "a2", "a3", "b1", "b2", "c1"]) ask(job);
  for (let i = 0; i < 6; i++) await finish();
  expect(started).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
});

it("refuses what one source has too much of, and takes others", async () => {
  const { ask, finish, started, refused } = setUp({ concurrency: 1, maxWaitingPerSource: 2 });
  for (const job of ["a1", "a2", "a3", "a4", "b1"]) ask(job);
  for (let i = 0; i < 4; i++) await finish();
  expect(refused).toEqual(["a4"]);
  expect(started).toEqual(["a1", "a2", "b1", "a3"]);
});

it("full of a few sources, it gives a place of the greediest to one that has none", async () => {
  const { ask, finish, started, refused } = setUp({ concurrency: 1, maxWaiting: 5 });
  for (const job of ["x1", "a1", "a2", "a3", "b1", "b2", "c1"]) ask(job);
  for (let i = 0; i < 6; i++) await finish();
  expect(refused).toEqual(["a3"]);
  expect(started).toEqual(["x1", "a1", "b1", "c1", "a2", "b2"]);
});

it("full of sources with one job each, it refuses whoever comes next", async () => {
  const { ask, finish, refused } = setUp({ concurrency: 1, maxWaiting: 3 });
  for (const job of ["x1", "a1", "b1", "c1", "d1", "a2"]) ask(job);
  for (let i = 0; i < 4; i++) await finish();
  expect(refused).toEqual(["d1", "a2"]);
});

it("says beforehand what it would refuse, and counts it", async () => {
  const { ask, finish, queue } = setUp({ concurrency: 1, maxWaiting: 3, maxWaitingPerSource: 2 });
  expect(queue.refuses("a")).toBe(false);
  for (const job of ["x1", "a1", "a2"]) ask(job);
  expect(["a", "b"].map(queue.refuses)).toEqual([true, false]);
  ask("b1");
  // One of a's two places would be given to somebody who has none.
  expect(["b", "c"].map(queue.refuses)).toEqual([true, false]);
  ask("c1");
  expect(["c", "d"].map(queue.refuses)).toEqual([true, true]);
  expect(queue.status()).toMatchObject({ running: 1, waiting: 3, refused: 5 });
  for (let i = 0; i < 4; i++) await finish();
  expect(queue.refuses("a")).toBe(false);
});

it("runs as many at once as asked, and a job that fails leaves its place to the next", async () => {
  const { ask, started, fail, finish } = setUp({ concurrency: 2 });
  for (const job of ["a1", "a2", "a3", "b1"]) ask(job);
  expect(started).toEqual(["a1", "a2"]);
  await fail();
  await finish();
  expect(started).toEqual(["a1", "a2", "a3", "b1"]);
});

/** A job's first letter is its source; jobs end when the test says so, in the order in which they started. */
function setUp(options: Partial<FairQueueOptions>) {
  const started: string[] = [];
  const refused: string[] = [];
  const running: PromiseWithResolvers<void>[] = [];
  const queue = createFairQueue({
    concurrency: 1,
    maxWaiting: 100,
    maxWaitingPerSource: 100,
    makeBusyError: () => new Error("busy"),
    ...options,
  });
  const settle = async (how: (job: PromiseWithResolvers<void>) => void) => {
    const job = running.shift();
    if (!job) throw new Error("Nothing is running.");
    how(job);
    // Until the next one has started: all of it happens in microtasks.
    await new Promise((done) => setImmediate(done));
  };
  return {
    ...{ queue, started, refused },
    ask(job: string) {
      const run = () => {
        const end = Promise.withResolvers<void>();
        started.push(job);
        running.push(end);
        return end.promise;
      };
      queue.run(job.charAt(0), run).catch((error) => {
        if (error.message === "busy") refused.push(job);
      });
    },
    finish: () => settle((job) => job.resolve()),
    fail: () => settle((job) => job.reject(new Error("failed"))),
  };
}
