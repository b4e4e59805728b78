// refresh-token-reuse: threshold, edges, scopes, its block, and what it does not see.

import { describe, expect, it } from "vitest";
import type { Detection } from "../detection.ts";
import type { Outcome } from "../guard.ts";
import { createScenario, type Step } from "../testing/scenario.ts";
import { refreshTokenReuse } from "./refresh-token-reuse.ts";

const { threshold, windowMs } = refreshTokenReuse.defaults;
const accessTokenMs = 15 * 60_000;

describe("refresh-token-reuse", () => {
  it("detects the first reuse, once, and says what was counted", async () => {
    const scenario = createScenario([refreshTokenReuse]);
    expect(detections(await scenario.repeat(threshold + 3, reuse()))).toMatchObject([
      {
        rule: "refresh-token-reuse",
        severity: "high",
        mode: "enforce",
        scope: "session",
        value: "s",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
  });

  it("blocks the session for as long as its last access token lives, and nobody else", async () => {
    const scenario = createScenario([refreshTokenReuse]);
    const { decision } = await scenario.record(reuse());
    expect(decision).toMatchObject({ action: "block", scope: "session", value: "s" });
    expect(decision?.until).toBeGreaterThan(scenario.now() + accessTokenMs);
    expect(await scenario.check({ ...reuse(), type: "token-refresh" })).toMatchObject({ action: "block" });
    expect(await scenario.check({ ...reuse({ session: "other" }), type: "token-refresh" })).toMatchObject({
      action: "allow",
    });
  });

  it("detects nothing one below a threshold that was raised", async () => {
    const scenario = createScenario([refreshTokenReuse], { "refresh-token-reuse": { threshold: 3 } });
    expect(detections(await scenario.repeat(2, reuse()))).toEqual([]);
    expect(detections(await scenario.repeat(1, reuse()))).toHaveLength(1);
  });

  it.each([
    ["still counts a reuse in the last millisecond of the window", windowMs - 1, 1],
    ["no longer counts a reuse when the window is over", windowMs, 0],
  ])("%s", async (_, afterMs, expected) => {
    const scenario = createScenario([refreshTokenReuse], { "refresh-token-reuse": { threshold: 2 } });
    await scenario.record(reuse());
    scenario.advance(afterMs);
    expect(detections([await scenario.record(reuse())])).toHaveLength(expected);
  });

  it("does not mix sessions", async () => {
    const scenario = createScenario([refreshTokenReuse], { "refresh-token-reuse": { threshold: 2 } });
    expect(
      detections([await scenario.record(reuse()), await scenario.record(reuse({ session: "t" }))]),
    ).toEqual([]);
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([refreshTokenReuse]);
    for (let person = 0; person < 200; person++) {
      const refresh: Step = { type: "token-refresh", ip: "192.0.2.1", session: `s${person}` };
      expect(detections([await scenario.record(refresh)])).toEqual([]);
    }
  });

  it("known gap: a stolen token whose owner never comes back is not seen", async () => {
    const scenario = createScenario([refreshTokenReuse]);
    const refresh: Step = { type: "token-refresh", ip: "198.51.100.9", session: "s" };
    expect(detections(await scenario.repeat(100, refresh))).toEqual([]);
  });
});

function reuse(signal: Partial<Step> = {}): Step {
  return { type: "refresh-token-reuse", ip: "203.0.113.7", session: "s", ...signal };
}

function detections(outcomes: readonly Outcome[]): Detection[] {
  return outcomes.flatMap((outcome) => outcome.detections);
}
