// Sources take turns, and a full queue takes from whoever has the most in it.

import { expect, it } from "vitest";
import { createFairQueue, type FairQueueOptions, type JobSource } from "./fair-queue.ts";

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
  const { ask, finish, queue, refuses } = setUp({ concurrency: 1, maxWaiting: 3, maxWaitingPerSource: 2 });
  expect(refuses("a")).toBe(false);
  for (const job of ["x1", "a1", "a2"]) ask(job);
  expect(["a", "b"].map(refuses)).toEqual([true, false]);
  ask("b1");
  // One of a's two places would be given to somebody who has none.
  expect(["b", "c"].map(refuses)).toEqual([true, false]);
  ask("c1");
  expect(["c", "d"].map(refuses)).toEqual([true, true]);
  expect(queue.status()).toMatchObject({ running: 1, waiting: 3, refused: 5 });
  for (let i = 0; i < 4; i++) await finish();
  expect(refuses("a")).toBe(false);
});

it("runs as many at once as asked, and a job that fails leaves its place to the next", async () => {
  const { ask, started, fail, finish } = setUp({ concurrency: 2 });
  for (const job of ["a1", "a2", "a3", "b1"]) ask(job);
  expect(started).toEqual(["a1", "a2"]);
  await fail();
  await finish();
  expect(started).toEqual(["a1", "a2", "a3", "b1"]);
});

it("one network has no more than its share, and its sources make room for each other", async () => {
  const { ask, finish, started, refused } = setUp({ concurrency: 1, maxWaitingPerNetwork: 3 });
  for (const job of ["x1", "n1", "q1", "n2", "n3", "a1", "m1", "o1"]) ask(job);
  for (let i = 0; i < 5; i++) await finish();
  // n has two, m none; o would have as many as each of the others then.
  expect(refused).toEqual(["n3", "n2", "o1"]);
  expect(started).toEqual(["x1", "n1", "q1", "a1", "m1"]);
});

it("full of a few networks, it gives a place of the largest to a network that has fewer", async () => {
  const { ask, finish, started, refused } = setUp({ concurrency: 1, maxWaiting: 4, maxWaitingPerNetwork: 3 });
  for (const job of ["x1", "n1", "m1", "o1", "a1", "b1", "c1", "d1"]) ask(job);
  for (let i = 0; i < 5; i++) await finish();
  expect(refused).toEqual(["o1", "m1", "d1"]);
  expect(started).toEqual(["x1", "n1", "a1", "b1", "c1"]);
});

it("whatever strangers wait, known sources have places and every other turn", async () => {
  const { ask, finish, started, refused, queue } = setUp({ concurrency: 1, maxWaiting: 3, keptForKnown: 2 });
  for (const job of ["x1", "a1", "b1", "c1", "K1", "d1", "L1", "M1"]) ask(job);
  expect(queue.status()).toMatchObject({ waiting: 5 });
  for (let i = 0; i < 6; i++) await finish();
  expect(refused).toEqual(["d1", "M1"]);
  expect(started).toEqual(["x1", "K1", "a1", "L1", "b1", "c1"]);
});

/**
 * A job's first letter is its source. Capitals are known; m, n, o and q share a network. Jobs end when the test says so, in the order in which they started.
 */
function setUp(options: Partial<FairQueueOptions>) {
  const started: string[] = [];
  const refused: string[] = [];
  const running: PromiseWithResolvers<void>[] = [];
  const queue = createFairQueue({
    concurrency: 1,
    maxWaiting: 100,
    maxWaitingPerSource: 100,
    keptForKnown: 0,
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
    refuses: (letter: string) => queue.refuses(sourceOf(letter)),
    ask(job: string) {
      const run = () => {
        const end = Promise.withResolvers<void>();
        started.push(job);
        running.push(end);
        return end.promise;
      };
      queue.run(sourceOf(job.charAt(0)), run).catch((error) => {
        if (error.message === "busy") refused.push(job);
      });
    },
    finish: () => settle((job) => job.resolve()),
    fail: () => settle((job) => job.reject(new Error("failed"))),
  };
}

const sourceOf = (letter: string): JobSource => ({
  value: letter,
  network: /[mnoq]/.test(letter) ? "shared" : letter,
  isKnown: /[A-Z]/.test(letter),
});
