// example-rule: threshold, edges, scopes, and what it does not see. REPLACE: the signals; every case has to stay.

import { describe, expect, it } from "vitest";
import type { Detection } from "../../packages/guard/src/detection.ts";
import type { Outcome } from "../../packages/guard/src/guard.ts";
import { createScenario, type Step } from "../../packages/guard/src/testing/scenario.ts";
import { exampleRule } from "./example-rule.ts";

const { threshold, windowMs } = exampleRule.defaults;

describe("example-rule", () => {
  it("detects at the threshold, once, and says what was counted", async () => {
    const scenario = createScenario([exampleRule]);
    const found = detections(await scenario.repeat(threshold + 3, failure()));
    expect(found).toMatchObject([
      {
        rule: "example-rule",
        scope: "account+ip",
        value: "alice 203.0.113.7",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
  });

  it("detects nothing one below the threshold", async () => {
    const scenario = createScenario([exampleRule]);
    expect(detections(await scenario.repeat(threshold - 1, failure()))).toEqual([]);
  });

  it.each([
    ["still counts a signal in the last millisecond of the window", windowMs - 1, 1],
    ["no longer counts a signal when the window is over", windowMs, 0],
  ])("%s", async (_, afterMs, expected) => {
    const scenario = createScenario([exampleRule]);
    await scenario.repeat(threshold - 1, failure());
    scenario.advance(afterMs);
    expect(detections([await scenario.record(failure())])).toHaveLength(expected);
  });

  it("does not mix accounts or addresses", async () => {
    const scenario = createScenario([exampleRule]);
    for (const other of [{}, { account: "bob" }, { ip: "203.0.113.8" }]) {
      expect(detections(await scenario.repeat(threshold - 1, failure(other)))).toEqual([]);
    }
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([exampleRule]);
    for (let person = 0; person < 200; person++) {
      expect(detections([await scenario.record(failure({ account: `person-${person}` }))])).toEqual([]);
    }
  });

  it("known gap: an attacker who changes the address with each guess is not seen", async () => {
    const scenario = createScenario([exampleRule]);
    for (let guess = 0; guess < 200; guess++) {
      expect(detections([await scenario.record(failure({ ip: `198.51.100.${guess}` }))])).toEqual([]);
    }
  });
});

function failure(signal: Partial<Step> = {}): Step {
  return { type: "sign-in-failure", ip: "203.0.113.7", account: "alice", ...signal };
}

function detections(outcomes: readonly Outcome[]): Detection[] {
  return outcomes.flatMap((outcome) => outcome.detections);
}
