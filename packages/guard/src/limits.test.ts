// What is counted, joined with the limits of rules: those that run, those that changed, and those that are gone.

import { describe, expect, it } from "vitest";
import { createGuard } from "./engine.ts";
import type { Rule } from "./rule.ts";
import { bruteForce } from "./rules/index.ts";
import type { RuleOverrides } from "./settings.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";

const at = Date.UTC(2026, 0, 5, 9);
const signal = { type: "sign-in-failure", ip: "203.0.113.7", at } as const;
const minuteMs = 60_000;

/** Guards that come one after the other, as a service does that is started anew with other rules. */
function guards() {
  const windows = createMemoryWindowStore();
  return (rules: readonly Rule[], settings: RuleOverrides = {}) =>
    createGuard({
      ...{ rules, settings, windows, decisions: createMemoryDecisionStore() },
      onError: (error) => {
        throw error;
      },
    });
}

describe("what is counted", () => {
  it("names the rule and the threshold of each length that its rule judges by", async () => {
    const guard = guards()([bruteForce], { "brute-force": { threshold: 4, windowMs: minuteMs } });
    for (let i = 0; i < 3; i++) await guard.record(signal);
    const { windows } = await guard.explain("ip", signal.ip, at);
    const state = { window: "brute-force.failures", rule: "brute-force", count: 3, oldestAt: at };
    expect(windows).toEqual([
      { ...state, threshold: 4, windowMs: minuteMs, emptyAt: at + minuteMs },
      { ...state, threshold: 8, windowMs: 6 * minuteMs, emptyAt: at + 6 * minuteMs },
    ]);
  });

  it("is shown without rule and threshold when its rule is gone", async () => {
    const next = guards();
    await next([bruteForce]).record(signal);
    const { windows } = await next([]).explain("ip", signal.ip, at);
    expect(windows).toEqual([
      {
        ...{ window: "brute-force.failures", count: 1, windowMs: 30 * minuteMs },
        ...{ oldestAt: at, emptyAt: at + 30 * minuteMs },
      },
    ]);
  });

  it("over another length than the rule has now stands against no threshold, until it is counted anew", async () => {
    const next = guards();
    await next([bruteForce]).record(signal);
    const guard = next([bruteForce], { "brute-force": { windowMs: minuteMs } });
    const sustained = async () => (await guard.explain("ip", signal.ip, at)).windows.at(-1);
    expect(await sustained()).toMatchObject({ rule: "brute-force", windowMs: 30 * minuteMs });
    expect(await sustained()).not.toHaveProperty("threshold");
    await guard.record(signal);
    expect(await sustained()).toMatchObject({ windowMs: 6 * minuteMs, threshold: 10 });
  });
});
