// bot-activity: thresholds, edges, scopes, and what it does not see.

import { describe, expect, it } from "vitest";
import { createScenario } from "../testing/scenario.ts";
import { botActivity } from "./bot-activity.ts";

const { threshold, windowMs } = botActivity.defaults;

describe("bot-activity", () => {
  it("detects requests to all doors together at the threshold, once", async () => {
    const scenario = createScenario([botActivity]);
    const found = [];
    for (let i = 0; i < threshold + 3; i++)
      found.push(
        ...(await scenario.record({ type: "request", ip: "203.0.113.7", door: i % 2 ? "sign-in" : "reset" }))
          .detections,
      );
    expect(found).toMatchObject([
      {
        rule: "bot-activity",
        scope: "ip",
        value: "203.0.113.7",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
  });

  it("detects nothing one below the threshold", async () => {
    const scenario = createScenario([botActivity]);
    for (let i = 0; i < threshold - 1; i++)
      expect(
        (await scenario.record({ type: "request", ip: "203.0.113.7", door: i % 2 ? "sign-in" : "reset" }))
          .detections,
      ).toEqual([]);
  });

  it("counts up to the last millisecond of the window, and no longer", async () => {
    for (const [after, detections] of [
      [windowMs - 1, 1],
      [windowMs, 0],
    ] as const) {
      const scenario = createScenario([botActivity]);
      let i = 0;
      for (; i < threshold - 1; i++)
        await scenario.record({ type: "request", ip: "203.0.113.7", door: i % 2 ? "sign-in" : "reset" });
      scenario.advance(after);
      expect(
        (await scenario.record({ type: "request", ip: "203.0.113.7", door: i % 2 ? "sign-in" : "reset" }))
          .detections,
      ).toHaveLength(detections);
    }
  });

  it("does not mix scope/values", async () => {
    const scenario = createScenario([botActivity]);
    for (let i = 0; i < threshold * 4; i++)
      expect(
        (await scenario.record({ type: "request", ip: `203.0.113.${i}`, door: "sign-in" })).detections,
      ).toEqual([]);
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([botActivity]);
    for (let i = 0; i < 40; i++) {
      expect(
        (await scenario.record({ type: "request", ip: "192.0.2.1", door: "sign-in" })).detections,
      ).toEqual([]);
      scenario.advance(5_000);
    }
  });

  it("refuses what goes beyond the threshold in the same moment", async () => {
    const scenario = createScenario([botActivity]);
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, () =>
        scenario.check({ type: "request", ip: "203.0.113.7", door: "sign-in" }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.action === "allow")).toHaveLength(threshold);
    expect(outcomes.flatMap((outcome) => outcome.detections)).toHaveLength(1);
  });

  it("known gap: requests to other endpoints are not counted", async () => {
    const scenario = createScenario([botActivity]);
    const outcomes = await scenario.repeat(threshold * 2, { type: "request", ip: "203.0.113.7" });
    expect(outcomes.flatMap((outcome) => outcome.detections)).toEqual([]);
  });
});
