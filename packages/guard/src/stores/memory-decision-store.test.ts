// Decisions in memory: what every store does, and what stays within its bounds.

import { describe, expect, it } from "vitest";
import type { Decision } from "../decision.ts";
import { decisionStoreConformance, conformanceTime as now } from "../testing/decision-store-conformance.ts";
import { createMemoryDecisionStore } from "./memory-decision-store.ts";

decisionStoreConformance({ it, create: (maxDecisions) => createMemoryDecisionStore({ maxDecisions }) });

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

describe("the memory", () => {
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

  it("remembers so many removals, the latest, and what each of them has removed", async () => {
    const store = createMemoryDecisionStore();
    for (let number = 0; number < 10_000; number++) await store.remove(`d${number}`, now);
    await store.add(block(10_000));
    await store.remove("d10000", now);
    expect(store.removed.size).toBe(10_000);
    expect(store.removed.has("d0")).toBe(false);
    expect(store.removed.get("d10000")).toEqual(block(10_000));
  });

  it("takes of a decision that has ended elsewhere only the offence, so that it pushes out none in force", () => {
    const store = createMemoryDecisionStore({ maxDecisions: 1 });
    expect(store.mirror(block(1), now)).toBe(true);
    expect(store.mirror(block(2, { until: now - 1, createdAt: now - hourMs }), now)).toBe(false);
    expect(store.list(now)).toEqual([block(1)]);
    expect(store.offences("ip", block(2).value, now)).toBe(1);
  });
});
