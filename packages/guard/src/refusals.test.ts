// A flood of refusals leaves fewer and fewer sums the longer it goes on, and none of them is lost.

import { expect, it } from "vitest";
import type { Decision } from "./decision.ts";
import { createRefusalSummary, type RefusalLimits } from "./refusals.ts";
import type { ScopedSignal } from "./signal.ts";

const block = (id: string): Decision => ({
  ...{ id, action: "block", scope: "ip", value: "203.0.113.7", origin: "rule", createdAt: 0, until: null },
});
const signalAt = (at: number): ScopedSignal => ({
  ...{ type: "request", at, ip: "203.0.113.7", ipValue: "203.0.113.7" },
});

/** Calls `take` so many times, with a refusal by each decision before each call. */
function flood(calls: number, ids: readonly string[], limits: RefusalLimits = {}) {
  const summary = createRefusalSummary(limits);
  const taken: { call: number; id: string; count: number }[] = [];
  for (let call = 1; call <= calls; call++) {
    for (const id of ids) summary.add(signalAt(call), block(id));
    for (const { decision, count } of summary.take()) taken.push({ call, id: decision.id, count });
  }
  return { summary, taken };
}

it("the first sum comes at once, the next ones after twice as long each time, up to 16 calls", () => {
  const { taken } = flood(80, ["a"]);
  expect(taken.map(({ call }) => call)).toEqual([1, 3, 7, 15, 31, 47, 63, 79]);
  expect(taken.map(({ count }) => count)).toEqual([1, 2, 4, 8, 16, 16, 16, 16]);
});

it("what is not due yet is there at the end", () => {
  const { summary } = flood(10, ["a"]);
  expect(summary.takeAll()).toMatchObject([{ count: 3, since: 8, signal: { at: 10 } }]);
  expect(summary.takeAll()).toEqual([]);
});

it("each decision has its own time, and begins anew after a pause as long as its last one", () => {
  const { summary, taken } = flood(8, ["a"]);
  expect(taken.at(-1)).toMatchObject({ call: 7 });
  summary.add(signalAt(9), block("b"));
  expect(summary.take().map(({ decision }) => decision.id)).toEqual(["b"]);
  // The refusal of call 8 is due at 15, then nothing happens until 31.
  const quiet = Array.from({ length: 22 }, () => summary.take().map(({ count }) => count));
  expect(quiet.flat()).toEqual([1]);
  summary.add(signalAt(32), block("a"));
  expect(summary.take()).toHaveLength(1);
});

it("as many decisions as it keeps leave each other their time", () => {
  expect(flood(3, ["a", "b"], { maxDecisions: 2 }).taken.map(({ call }) => call)).toEqual([1, 1, 3, 3]);
});

it("keeps no more than it may: further decisions are not summed, further pauses not remembered", () => {
  const ids = ["a", "b", "c", "d"];
  const few = flood(3, ids, { maxDecisions: 2 }).taken;
  expect(new Set(few.map(({ id }) => id))).toEqual(new Set(["a", "b"]));
  // Whoever waits for his time keeps nobody else out of the next.
  expect(few.map(({ call }) => call)).toEqual([1, 1, 2, 2, 3, 3]);
  const forgetful = flood(3, ids, { maxPauses: 3 }).taken;
  expect(forgetful.filter(({ id }) => id === "d").map(({ call }) => call)).toEqual([1, 2, 3]);
  expect(forgetful.filter(({ id }) => id === "a").map(({ call }) => call)).toEqual([1, 3]);
});
