// The settings of alerts: what is missing or wrong is told by the variable's name, and no secret is repeated.

import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../config.ts";

const secret = `whsec_${Buffer.from("a key of thirty-two bytes, no less").toString("base64")}`;

it("name three channels, each with its severity", () => {
  const { alerts } = readConfig({
    ALERT_MAIL_TO: "ops@example.com, oncall@example.com",
    ALERT_MAIL_SEVERITY: "critical",
    ALERT_WEBHOOK_URL: "http://10.0.0.7:9000/alerts",
    ALERT_WEBHOOK_SECRET: secret,
    ALERT_SLACK_URL: "https://hooks.example.com/services/T/B/x",
    ALERTS_PER_HOUR: "5",
    ALERT_UPDATE_MINUTES: "10",
    ALERT_QUIET_MINUTES: "15",
    ALERT_DIGEST_HOURS: "0",
  });
  expect(alerts).toEqual({
    mail: { to: ["ops@example.com", "oncall@example.com"], severity: "critical" },
    webhook: {
      url: "http://10.0.0.7:9000/alerts",
      key: Buffer.from("a key of thirty-two bytes, no less"),
      severity: "medium",
    },
    slack: { url: "https://hooks.example.com/services/T/B/x", severity: "high" },
    ...{ perHour: 5, updateMs: 600_000, quietMs: 900_000, digestMs: 0 },
  });
});

describe("a wrong value", () => {
  it.each([
    ["ALERT_MAIL_TO", "ops"],
    ["ALERT_MAIL_TO", "ops@example.com\r\nBcc: other@example.com"],
    ["ALERT_MAIL_SEVERITY", "loud"],
    ["ALERT_WEBHOOK_URL", "ftp://example.com"],
    ["ALERT_SLACK_URL", "https://user:hunter2@example.com"],
    ["ALERTS_PER_HOUR", "0"],
    ["ALERT_UPDATE_MINUTES", "1441"],
    ["ALERT_QUIET_MINUTES", "soon"],
    ["ALERT_DIGEST_HOURS", "169"],
    ["ALERT_WEBHOOK_SECRET", "hunter2"],
    ["ALERT_WEBHOOK_SECRET", "whsec_aHVudGVyMg=="],
    ["ALERT_WEBHOOK_SECRET", `${secret}!hunter2`],
  ])("of %s is told by the variable's name: %j", (name, value) => {
    const problems = problemsOf({ ALERT_WEBHOOK_SECRET: secret, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: write `))]);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("is a secret to sign with that repeats itself", () => {
    expect(problemsOf({ ALERT_WEBHOOK_SECRET: `whsec_${"A".repeat(40)}` })).toEqual([
      expect.stringMatching(/^ALERT_WEBHOOK_SECRET: repeats itself; write whsec_/),
    ]);
  });

  it("is a webhook without a secret to sign with", () => {
    expect(problemsOf({ ALERT_WEBHOOK_URL: "https://example.com" })).toEqual([
      expect.stringMatching(/^ALERT_WEBHOOK_SECRET is not set, .* write whsec_.*openssl rand/),
    ]);
  });
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
