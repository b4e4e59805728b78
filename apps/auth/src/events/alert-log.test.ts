// One line "Security Alert" for each detection, with what an operator needs to act on it.

import { createLogger } from "@fluxstudio/telemetry";
import { expect, it } from "vitest";
import { createAlertLog } from "./alert-log.ts";
import { decision, detection, securityEvent } from "./test-event.ts";

it("a detection is one line with its reasons and the decision", () => {
  const { sink, lines } = capture();
  const event = securityEvent({ userAgent: "curl/7.68.0" }, { detections: [detection], decision });
  void sink.write(event);
  expect(lines()).toEqual([
    expect.objectContaining({
      level: "error",
      msg: "Security Alert",
      rule: "brute-force",
      ip: "203.0.113.7",
      userAgent: "curl/7.68.0",
      scope: "ip",
      value: "203.0.113.7",
      severity: "high",
      mode: "enforce",
      count: 5,
      threshold: 5,
      windowMs: 300_000,
      action: "block",
      until: new Date(decision.until as number).toISOString(),
      eventId: event.id,
    }),
  ]);
});

it("two detections of one event are two lines, and one that is only recorded says so", () => {
  const { sink, lines } = capture();
  const mild = { ...detection, rule: "multiple-devices", severity: "low", mode: "monitor" } as const;
  void sink.write(securityEvent({}, { detections: [mild, detection] }));
  expect(lines().map(({ rule, level, action }) => [rule, level, action])).toEqual([
    ["multiple-devices", "warn", "record"],
    ["brute-force", "error", "record"],
  ]);
});

it("an event without detections is no line", () => {
  const { sink, lines } = capture();
  void sink.write(securityEvent());
  expect(lines()).toEqual([]);
});

it("a user agent with newlines and quotes forges no line", () => {
  const { sink, lines } = capture();
  const userAgent = '"}\n{"msg":"Security Alert","rule":"forged"}\r\n';
  void sink.write(securityEvent({ userAgent }, { detections: [detection] }));
  expect(lines().map((line) => [line.rule, line.userAgent])).toEqual([["brute-force", userAgent]]);
});

function capture() {
  const written: string[] = [];
  const logger = createLogger({ level: "info", stream: { write: (line) => void written.push(line) } });
  return {
    sink: createAlertLog(logger),
    lines: () => written.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line)),
  };
}
