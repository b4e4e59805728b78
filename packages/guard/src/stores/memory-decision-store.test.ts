// Decisions in memory: what is found, and what makes room when there are too many.

import { describe, expect, it } from "vitest";
import type { Decision } from "../decision.ts";
import { createMemoryDecisionStore } from "./memory-decision-store.ts";

const now = 1_795_000_000_000;
const hourMs = 60 * 60_000;

const block = (number: number, changes: Partial<Decision> = {}): Decision => ({
  id: `d${number}`,
  action: "block",
  scope: "ip",
  value: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  origin: "rule",
  createdAt: now,
  until: now + hourMs,
  rule: "brute-force",
  ...changes,
});

describe("more decisions than the store holds", () => {
  it("of a rule, the one that ends soonest makes room, not the oldest", async () => {
    const store = createMemoryDecisionStore({ maxDecisions: 3 });
    const ends = [24, 1, 2, 12];
    for (const [number, hours] of ends.entries()) {
      await store.add(block(number, { createdAt: now + number, until: now + hours * hourMs }));
    }
    expect(store.list(now + 9).map((decision) => decision.id)).toEqual(["d3", "d2", "d0"]);
    expect(store.find("ip", block(1).value, now + 9)).toBeUndefined();
  });

  it("the newest is in force, even if all others end later", async () => {
    const store = createMemoryDecisionStore({ maxDecisions: 2 });
    for (const number of [1, 2, 3]) await store.add(block(number, { until: now + (9 - number) * hourMs }));
    expect(store.list(now).map((decision) => decision.id)).toEqual(["d3", "d1"]);
  });

  it("what has ended makes room first, and is not found though it was in the store", async () => {
    const store = createMemoryDecisionStore({ maxDecisions: 2 });
    await store.add(block(1, { until: now + 1 }));
    await store.add(block(2));
    await store.add(block(3, { createdAt: now + 2 }));
    expect(store.list(now + 2).map((decision) => decision.id)).toEqual(["d3", "d2"]);
  });

  it("rules push out neither what admins decided nor what feeds brought, and feeds nothing of the rules", async () => {
    const store = createMemoryDecisionStore({ maxDecisions: 10 });
    await store.add(block(1, { origin: "admin", until: now + 1000 }));
    for (const number of [2, 3]) await store.add(block(number, { origin: "feed", until: now + 1000 }));
    for (let number = 100; number < 200; number++) await store.add(block(number));
    const origins = () => Map.groupBy(store.list(now), ({ origin }) => origin);
    const held = origins();
    expect(["admin", "feed", "rule"].map((origin) => held.get(origin as never)?.length)).toEqual([1, 2, 10]);
    for (let number = 200; number < 300; number++) await store.add(block(number, { origin: "feed" }));
    expect(origins().get("feed")).toHaveLength(10);
    expect(origins().get("rule")).toEqual(held.get("rule"));
  });

  it("stays at its bound and keeps adding when twice as many come as it holds", async () => {
    const size = 50_000;
    const store = createMemoryDecisionStore({ maxDecisions: size });
    // Every end comes up once, in no order: 7,919 is prime.
    const endOf = (number: number) => now + hourMs + ((number * 7919) % (2 * size));
    for (let number = 0; number < 2 * size; number++)
      await store.add(block(number, { until: endOf(number) }));
    const held = store.list(now);
    expect(held).toHaveLength(size);
    // The half that ends last, but for the very last one to come, which is held whenever it ends.
    const ends = held.slice(1).map(({ until }) => until ?? 0);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(now + hourMs + size - 1);
  });

  it("decisions that come and are lifted again leave nothing behind that could push others out", async () => {
    const store = createMemoryDecisionStore({ maxDecisions: 2 });
    await store.add(block(0, { until: now + 24 * hourMs }));
    for (let number = 1; number < 5000; number++) {
      await store.add(block(number));
      await store.remove(`d${number}`, now);
    }
    await store.add(block(5000));
    expect(store.list(now).map((decision) => decision.id)).toEqual(["d5000", "d0"]);
  });
});

describe("a range", () => {
  it("is found for the addresses in it until it is removed", async () => {
    const store = createMemoryDecisionStore();
    const range = block(1, { scope: "ip-prefix", value: "203.0.113.0/24", origin: "admin" });
    await store.add(range);
    expect(store.findPrefix("203.0.113.9", now)).toEqual(range);
    expect(store.findPrefix("203.0.114.9", now)).toBeUndefined();
    await store.remove(range.id, now);
    expect(store.findPrefix("203.0.113.9", now)).toBeUndefined();
  });
});
