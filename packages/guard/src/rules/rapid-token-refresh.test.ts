// rapid-token-refresh: thresholds, edges, scopes, and what it does not see.

import { describe, expect, it } from "vitest";
import { createScenario } from "../testing/scenario.ts";
import { rapidTokenRefresh } from "./rapid-token-refresh.ts";

const { threshold, windowMs } = rapidTokenRefresh.defaults;

describe("rapid-token-refresh", () => {
  it("detects refreshes of one session at the threshold, once", async () => {
    const scenario = createScenario([rapidTokenRefresh]);
    const found = [];
    for (let i = 0; i < threshold + 3; i++)
      found.push(
        ...(await scenario.record({ type: "token-refresh", ip: "203.0.113.7", session: "s", status: i }))
          .detections,
      );
    expect(found).toMatchObject([
      {
        rule: "rapid-token-refresh",
        scope: "session",
        value: "s",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
  });

  it("detects nothing one below the threshold", async () => {
    const scenario = createScenario([rapidTokenRefresh]);
    for (let i = 0; i < threshold - 1; i++)
      expect(
        (await scenario.record({ type: "token-refresh", ip: "203.0.113.7", session: "s", status: i }))
          .detections,
      ).toEqual([]);
  });

  it("counts up to the last millisecond of the window, and no longer", async () => {
    for (const [after, detections] of [
      [windowMs - 1, 1],
      [windowMs, 0],
    ] as const) {
      const scenario = createScenario([rapidTokenRefresh]);
      let i = 0;
      for (; i < threshold - 1; i++)
        await scenario.record({ type: "token-refresh", ip: "203.0.113.7", session: "s", status: i });
      scenario.advance(after);
      expect(
        (await scenario.record({ type: "token-refresh", ip: "203.0.113.7", session: "s", status: i }))
          .detections,
      ).toHaveLength(detections);
    }
  });

  it("does not mix scope/values", async () => {
    const scenario = createScenario([rapidTokenRefresh]);
    for (let i = 0; i < threshold * 4; i++)
      expect(
        (await scenario.record({ type: "token-refresh", ip: "203.0.113.7", session: `s${i}` })).detections,
      ).toEqual([]);
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([rapidTokenRefresh]);
    for (let i = 0; i < 40; i++) {
      expect(
        (await scenario.record({ type: "token-refresh", ip: "192.0.2.1", session: `s${i}` })).detections,
      ).toEqual([]);
      scenario.advance(5_000);
    }
  });

  it("known gap: refreshes without a session are not counted", async () => {
    const scenario = createScenario([rapidTokenRefresh]);
    const outcomes = await scenario.repeat(threshold * 2, { type: "token-refresh", ip: "203.0.113.7" });
    expect(outcomes.flatMap((outcome) => outcome.detections)).toEqual([]);
  });
});
