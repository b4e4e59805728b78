// multiple-devices: thresholds, edges, scopes, and what it does not see.

import { describe, expect, it } from "vitest";
import { createScenario } from "../testing/scenario.ts";
import { multipleDevices } from "./multiple-devices.ts";

const { threshold, windowMs } = multipleDevices.defaults;

describe("multiple-devices", () => {
  it("detects distinct devices of one account at the threshold, once", async () => {
    const scenario = createScenario([multipleDevices]);
    const found = [];
    for (let i = 0; i < threshold + 3; i++)
      found.push(
        ...(
          await scenario.record({ type: "sign-in-success", ip: "203.0.113.7", account: "a", device: `d${i}` })
        ).detections,
      );
    expect(found).toMatchObject([
      {
        rule: "multiple-devices",
        scope: "account",
        value: "a",
        evidence: { count: threshold, threshold, windowMs },
      },
    ]);
  });

  it("detects nothing one below the threshold", async () => {
    const scenario = createScenario([multipleDevices]);
    for (let i = 0; i < threshold - 1; i++)
      expect(
        (await scenario.record({ type: "sign-in-success", ip: "203.0.113.7", account: "a", device: `d${i}` }))
          .detections,
      ).toEqual([]);
  });

  it("counts up to the last millisecond of the window, and no longer", async () => {
    for (const [after, detections] of [
      [windowMs - 1, 1],
      [windowMs, 0],
    ] as const) {
      const scenario = createScenario([multipleDevices]);
      let i = 0;
      for (; i < threshold - 1; i++)
        await scenario.record({ type: "sign-in-success", ip: "203.0.113.7", account: "a", device: `d${i}` });
      scenario.advance(after);
      expect(
        (await scenario.record({ type: "sign-in-success", ip: "203.0.113.7", account: "a", device: `d${i}` }))
          .detections,
      ).toHaveLength(detections);
    }
  });

  it("does not mix scope/values", async () => {
    const scenario = createScenario([multipleDevices]);
    for (let i = 0; i < threshold * 4; i++)
      expect(
        (
          await scenario.record({
            type: "sign-in-success",
            ip: "203.0.113.7",
            account: `a${i}`,
            device: `d${i}`,
          })
        ).detections,
      ).toEqual([]);
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([multipleDevices]);
    for (let i = 0; i < 40; i++) {
      expect(
        (
          await scenario.record({
            type: "sign-in-success",
            ip: "192.0.2.1",
            account: `a${i}`,
            device: `d${i}`,
          })
        ).detections,
      ).toEqual([]);
      scenario.advance(5_000);
    }
  });

  it("counts one device once, however often it signs in", async () => {
    const scenario = createScenario([multipleDevices]);
    const outcomes = await scenario.repeat(20, {
      type: "sign-in-success",
      ip: "203.0.113.7",
      account: "a",
      device: "d",
    });
    expect(outcomes.flatMap((outcome) => outcome.detections)).toEqual([]);
  });

  it("known gap: without a device nothing is counted", async () => {
    const scenario = createScenario([multipleDevices]);
    const outcomes = await scenario.repeat(20, { type: "sign-in-success", ip: "203.0.113.7", account: "a" });
    expect(outcomes.flatMap((outcome) => outcome.detections)).toEqual([]);
  });
});
