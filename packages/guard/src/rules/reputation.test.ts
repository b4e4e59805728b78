// reputation: when an address is blocked, and when not. What moves a score is in ../reputation.test.ts.

import { describe, expect, it } from "vitest";
import { createScenario, type Scenario } from "../testing/scenario.ts";
import { bruteForce } from "./brute-force.ts";
import { reputation } from "./reputation.ts";

const ip = "203.0.113.7";
const { threshold, windowMs } = reputation.defaults;
const hourMs = 60 * 60_000;
/** Detections follow each other within a moment, so that nothing has decayed. */
const once = { "brute-force": { threshold: 1, windowMs: 1, response: { action: "record" } } } as const;

async function detect(scenario: Scenario, times: number, from = ip, accounts = times): Promise<void> {
  for (let i = 0; i < times; i++) {
    await scenario.record({ type: "sign-in-failure", ip: from, account: `${from} ${i % accounts}` });
    scenario.advance(10);
  }
}

const blocks = ({ guard, now }: Scenario) =>
  guard.decisions(now()).filter(({ rule }) => rule === reputation.id);

describe("reputation", () => {
  it("blocks an address below the threshold, and not at it", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    await detect(scenario, 6);
    const state = (await scenario.guard.explain("ip", ip, scenario.now())).reputation;
    expect(state).toMatchObject({ level: "low" });
    expect(state?.score).toBeCloseTo(threshold, 2);
    expect(blocks(scenario)).toEqual([]);
    await detect(scenario, 1);
    expect(blocks(scenario)).toMatchObject([{ action: "block", scope: "ip", value: ip, origin: "rule" }]);
    expect((await scenario.check({ type: "request", ip })).action).toBe("block");
  });

  it("blocks until the score would be back at the threshold", async () => {
    const scenario = createScenario([bruteForce, reputation], {
      ...once,
      reputation: { windowMs: 3 * 24 * hourMs },
    });
    await detect(scenario, 7);
    const [block] = blocks(scenario);
    const scoreAt = async (at: number) => (await scenario.guard.explain("ip", ip, at)).reputation?.score ?? 0;
    expect((block?.until ?? 0) - scenario.now()).toBeGreaterThan(hourMs);
    expect(await scoreAt(block?.until ?? 0)).toBeCloseTo(threshold, 2);
  });

  it("blocks for a day at a time, though the score is still below the threshold then", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    for (let day = 0; day < 5; day++) {
      await detect(scenario, day === 0 ? 9 : 1, ip, 9);
      const [block] = blocks(scenario);
      expect((block?.until ?? 0) - (block?.createdAt ?? 0)).toBe(24 * hourMs);
      scenario.advance(24 * hourMs);
      expect(blocks(scenario)).toEqual([]);
      const { reputation } = await scenario.guard.explain("ip", ip, scenario.now());
      expect(reputation?.score).toBeLessThan(threshold);
    }
  });

  it("is over when the window of time has passed in which half of it is forgotten", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    await detect(scenario, 7);
    scenario.advance(windowMs);
    expect(blocks(scenario)).toEqual([]);
    expect((await scenario.guard.explain("ip", ip, scenario.now())).reputation?.score).toBeCloseTo(32.5, 1);
  });

  it("does not mix addresses, and takes an IPv6 /64 for one", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    await detect(scenario, 4, "2001:db8::1");
    await detect(scenario, 4, "2001:db8::2");
    await detect(scenario, 4, "2001:db8:0:1::1");
    expect(blocks(scenario).map(({ value }) => value)).toEqual(["2001:db8::/64"]);
  });

  it("leaves a busy office alone: one person who is caught every day brings no address below 40", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    for (let day = 0; day < 60; day++) {
      await detect(scenario, 5, ip, 1);
      scenario.advance(24 * hourMs);
      const state = (await scenario.guard.explain("ip", ip, scenario.now())).reputation;
      expect(state?.score).toBeGreaterThan(40);
    }
  });

  it("in monitor says what it would do, and neither blocks nor halves a threshold", async () => {
    const scenario = createScenario([bruteForce, reputation], { ...once, reputation: { mode: "monitor" } });
    await detect(scenario, 7);
    const { detections } = scenario.events.at(-1) ?? {};
    expect(detections?.map(({ rule, mode }) => [rule, mode])).toContainEqual(["reputation", "monitor"]);
    expect(scenario.guard.decisions(scenario.now())).toEqual([]);
    expect(detections?.find(({ rule }) => rule === "brute-force")?.evidence.threshold).toBe(1);
  });

  it("known gap: a new address each time is neutral each time", async () => {
    const scenario = createScenario([bruteForce, reputation], once);
    for (let i = 0; i < 50; i++) await detect(scenario, 1, `198.51.100.${i}`);
    expect(blocks(scenario)).toEqual([]);
  });
});
