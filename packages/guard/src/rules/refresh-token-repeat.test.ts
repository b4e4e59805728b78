// refresh-token-repeat: threshold, edges, scopes, two tabs of one browser, and what it does not see.

import { describe, expect, it } from "vitest";
import type { Detection } from "../detection.ts";
import type { Outcome } from "../guard.ts";
import { createScenario, type Step } from "../testing/scenario.ts";
import { refreshTokenRepeat } from "./refresh-token-repeat.ts";

const { threshold, windowMs } = refreshTokenRepeat.defaults;
const thief = { ip: "198.51.100.66" };

describe("refresh-token-repeat", () => {
  it.each<[string, Partial<Step>]>([
    ["another address", thief],
    ["another program at the same address", { userAgent: "curl/8" }],
  ])("detects a repeat from %s, once, and says what was counted", async (_, other) => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    expect(detections(await scenario.repeat(5, again(other)))).toMatchObject([
      {
        rule: "refresh-token-repeat",
        severity: "low",
        mode: "monitor",
        scope: "session",
        value: "s",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
    expect(scenario.events.filter(({ signal }) => signal.type === "refresh-token-repeat")).toHaveLength(1);
  });

  it("detects and records nothing of two tabs of one browser, or of a lost answer", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    expect(detections(await scenario.repeat(20, again()))).toEqual([]);
    expect(scenario.events.map(({ signal }) => signal.type)).toEqual(["token-refresh"]);
  });

  it("detects nothing one below a threshold that was raised", async () => {
    const scenario = createScenario([refreshTokenRepeat], { "refresh-token-repeat": { threshold: 3 } });
    await scenario.record(exchange());
    expect(detections([await scenario.record(again(thief))])).toEqual([]);
    expect(detections([await scenario.record(again({ ip: "198.51.100.67" }))])).toHaveLength(1);
  });

  it("detects a repeat by a third client, though the successor had been exchanged elsewhere before", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    await scenario.record(exchange({ ip: "198.51.100.7" }));
    expect(detections([await scenario.record(again(thief))])).toHaveLength(1);
  });

  it("detects no more than seven times in a window, whatever a thief calls himself", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    const found: Detection[] = [];
    for (let i = 0; i < 200; i++)
      found.push(...detections([await scenario.record(again({ userAgent: `Browser ${i}` }))]));
    expect(found).toHaveLength(7);
  });

  it("detects nothing when the successor is exchanged on the way from one network to another", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    expect(detections([await scenario.record(exchange(thief))])).toEqual([]);
  });

  it.each([
    ["still knows the exchange in the last millisecond of the window", windowMs - 1, 1],
    ["no longer knows the exchange when the window is over", windowMs, 0],
  ])("%s", async (_, afterMs, expected) => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    scenario.advance(afterMs);
    expect(detections([await scenario.record(again(thief))])).toHaveLength(expected);
  });

  it("does not mix sessions", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    expect(detections([await scenario.record(again({ ...thief, session: "t" }))])).toEqual([]);
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    for (let person = 0; person < 200; person++) {
      await scenario.record(exchange({ session: `s${person}` }));
      expect(detections([await scenario.record(again({ session: `s${person}` }))])).toEqual([]);
    }
  });

  it("known gap: a thief at the owner's address who names the owner's browser is not seen", async () => {
    const scenario = createScenario([refreshTokenRepeat]);
    await scenario.record(exchange());
    expect(detections([await scenario.record(again({ ip: exchange().ip }))])).toEqual([]);
  });
});

function exchange(signal: Partial<Step> = {}): Step {
  return { type: "token-refresh", ip: "203.0.113.7", userAgent: "Firefox", session: "s", ...signal };
}

const again = (signal: Partial<Step> = {}): Step => exchange({ ...signal, type: "refresh-token-repeat" });

function detections(outcomes: readonly Outcome[]): Detection[] {
  return outcomes.flatMap((outcome) => outcome.detections);
}
