// Alerts for tests: on a database, to a real receiver, with a clock to turn.

import { type Decision, type Detection, type SecurityEvent, uuidv7 } from "@fluxstudio/guard";
import { onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { decision, detection, securityEvent, start } from "../events/test-event.ts";
import { runJob } from "../jobs/test-jobs.ts";
import type { AlertSettings } from "./alert-settings.ts";
import { type AlertsOptions, createAlerts } from "./alerts.ts";
import type { Incident } from "./incident.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const waitMs = 10_000;

export const testKey = Buffer.from("a key of thirty-two bytes, no less");

const testSettings: AlertSettings = {
  ...{ mail: undefined, webhook: undefined, slack: undefined },
  ...{ perHour: 20, updateMs: 30 * minuteMs, quietMs: 30 * minuteMs, digestMs: 24 * hourMs },
};

export interface TestClock {
  now: number;
}

/** Closed after the test. The tests say when. */
export function startAlerts(
  database: Database,
  settings: Partial<AlertSettings>,
  clock: TestClock,
  options: Partial<AlertsOptions> = {},
) {
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object | string, message?: string) =>
    void lines.push(
      typeof fields === "string"
        ? { level, fields: {}, message: fields }
        : { level, fields, message: message ?? "" },
    );
  const alerts = createAlerts({
    ...{ database, settings: { ...testSettings, ...settings }, publicUrl: "https://auth.example.com" },
    logger: { info: write("info"), warn: write("warn"), error: write("error") } as AlertsOptions["logger"],
    mailer: {
      goTo: "a list in the test",
      enqueue: () => Promise.reject(new Error("no mails here")),
      find: async () => undefined,
    },
    summaryOf: (rule) => `What ${rule} looks for.`,
    ...{ degraded: () => undefined, dropped: () => 0, now: () => clock.now, random: () => 0.5 },
    ...{ tickMs: hourMs, waitMs, ...options },
  });
  const [sink] = alerts.sinks;
  onTestFinished(() => sink?.close?.());
  const write_ = async (...events: SecurityEvent[]) => {
    await Promise.all(events.map((event) => sink?.write(event)));
    await sink?.flush?.();
  };
  return {
    ...alerts,
    lines,
    write: write_,
    /** Time passes, what it brings is looked at, and what is due is sent. */
    async pass(ms: number) {
      clock.now += ms;
      await alerts.tick();
      for (const job of alerts.jobs) await runJob(job, clock);
      await alerts.sendDue();
    },
  };
}

export const startClock = (): TestClock => ({ now: start });

/** One detection by `rule` about an address, which is blocked for it unless told. */
export function attack(
  ip: string,
  { at = start, decided = true, ...changes }: Partial<Detection> & { decided?: boolean } = {},
): SecurityEvent {
  const found: Detection = { ...detection, value: ip, at, ...changes };
  const block: Decision = {
    ...decision,
    ...{ id: uuidv7(at), scope: found.scope, value: found.value, rule: found.rule },
    ...{ createdAt: at, until: at + hourMs },
  };
  return securityEvent({ ip, at }, { detections: [found], ...(decided && { decision: block }) });
}

/** Requests that were refused under the decision of an attack. */
export const refusalsOf = ({ signal, decision: made }: SecurityEvent, count: number): SecurityEvent =>
  securityEvent(signal, { decision: made, refusals: { count, since: signal.at } });

/** Somebody guesses passwords, and is blocked. */
export const exampleIncident: Incident = {
  id: "019ab5f0-3c00-7a51-8b1e-5d3f2c7e9a10",
  ...{ rule: "brute-force", kind: "one", scope: "ip", value: "203.0.113.7", severity: "high" },
  openedAt: Date.UTC(2026, 10, 24, 10, 47),
  lastAt: Date.UTC(2026, 10, 24, 10, 47, 8),
  ...{ closedAt: null, closedWhy: null, detections: 1, refused: 0, sequence: 1, updates: 0, nextUpdateAt: 0 },
  latest: {
    ip: "203.0.113.7",
    userAgent: "curl/8.5.0",
    path: "/api/auth/login",
    ...{ mode: "enforce", attack: "T1110.001", evidence: { count: 5, threshold: 5, windowMs: 300_000 } },
    eventId: "019ab5f0-3bff-7c02-9f64-1a2b3c4d5e6f",
    decision: {
      ...{ id: "019ab5f0-3c00-7f3e-a0c1-6e5d4c3b2a19", action: "block", rule: "brute-force" },
      ...{ scope: "ip", value: "203.0.113.7", until: Date.UTC(2026, 10, 24, 11, 47) },
    },
  },
  ...{ values: [], sample: [], told: undefined },
};
