// suspicious-user-agent: which agents, how often, and what it does not see.

import { describe, expect, it } from "vitest";
import { createScenario } from "../testing/scenario.ts";
import { suspiciousUserAgent } from "./suspicious-user-agent.ts";

const { windowMs } = suspiciousUserAgent.defaults;
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const asked = (userAgent: string | undefined, ip = "203.0.113.7") =>
  ({ type: "request", ip, door: "sign-in", userAgent }) as const;

describe("suspicious-user-agent", () => {
  it("reports a tool, a scanner and an empty agent, and a scanner as worse", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    const found = [];
    for (const agent of ["curl/7.68.0", "sqlmap/1.8", "", undefined]) {
      found.push(...(await scenario.record(asked(agent))).detections);
    }
    expect(found.map((detection) => [detection.evidence.agent, detection.severity])).toEqual([
      ["tool", "low"],
      ["scanner", "medium"],
      ["empty", "low"],
    ]);
  });

  it("reports a browser's agent that goes on for longer than any browser's", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    const { detections } = await scenario.record(asked(`${browser} ${"x".repeat(10_000)} sqlmap/1.8`));
    expect(detections).toMatchObject([{ evidence: { agent: "tool" }, severity: "low" }]);
  });

  it("reports nothing below its threshold: browsers", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    expect((await scenario.record(asked(browser))).detections).toEqual([]);
  });

  it("reports the same agent of an address again after an hour, not before", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    const found = [];
    for (const wait of [0, windowMs - 1, 1]) {
      scenario.advance(wait);
      found.push((await scenario.record(asked("curl/7.68.0"))).detections.length);
    }
    expect(found).toEqual([1, 0, 1]);
  });

  it("does not mix addresses", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    await scenario.record(asked("curl/7.68.0"));
    expect((await scenario.record(asked("curl/7.68.0", "203.0.113.8"))).detections).toHaveLength(1);
  });

  it("never acts: it is in monitor mode, and a busy office is left alone", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    for (let i = 0; i < 40; i++) {
      expect((await scenario.check(asked(i % 2 ? browser : "curl/7.68.0", "192.0.2.1"))).action).toBe(
        "allow",
      );
    }
  });

  it("known gap: a tool that calls itself a browser is taken for one", async () => {
    const scenario = createScenario([suspiciousUserAgent]);
    expect((await scenario.record(asked(browser))).detections).toEqual([]);
  });
});
