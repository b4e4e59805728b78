// What arrives at a receiver of Sentry's protocol: errors, detections and traces, and only so many.

import type { Detection, SecurityEvent } from "@fluxstudio/guard";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { requestContext } from "../request-context.ts";
import { type SentryReceiver, startSentryReceiver } from "../testing/sentry-receiver.ts";
import { traceStep } from "./active-trace.ts";
import { createErrorReports, type ErrorReportsOptions } from "./error-reports.ts";

let receiver: SentryReceiver;
beforeEach(async () => {
  receiver = await startSentryReceiver();
});
afterEach(() => receiver.close());

async function start(options: Partial<ErrorReportsOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", stream: { write: (line) => void lines.push(line) } });
  const reports = await createErrorReports({
    ...{ dsn: receiver.dsn, release: "flux-auth@1.2.3", environment: "test", logger },
    ...options,
  });
  return { reports, lines, said: () => lines.map((line) => JSON.parse(line).msg) };
}

describe("without a DSN", () => {
  it("nothing is there to do any work, which is said once", async () => {
    const { reports, said } = await start({ dsn: undefined });
    reports.error(new Error("no"));
    expect([reports.sink, reports.traces, reports.query]).toEqual([undefined, undefined, undefined]);
    await reports.close();
    expect(said()).toEqual(["Sentry DSN not configured"]);
    expect(receiver.requests()).toBe(0);
  });
});

it("with a DSN it says where reports go, and not the key", async () => {
  const { reports, lines, said } = await start();
  expect(said()).toEqual(["Sentry initialized"]);
  expect(lines.join("")).not.toContain("c0ffee");
  await reports.close();
});

it("a DSN that is none is refused in words that do not repeat it", async () => {
  const dsn = "https://c0ffee:c0ffee@sentry.example/flux";
  await expect(start({ dsn })).rejects.toThrow(/^(?!.*c0ffee).*https:\/\/KEY@HOST\/PROJECT/);
});

describe("an error", () => {
  it("arrives with its causes, its stack, what is running, and no more of a person than an id", async () => {
    const { reports } = await start();
    const cause = new TypeError("no row for ada@example.com");
    const error = Object.assign(new Error("lookup failed", { cause }), { config: { password: "S3cret" } });
    reports.error(error, { where: "request", method: "POST", path: "/api/auth/login", account: "a1" });
    await reports.close();
    expect(receiver.faults).toEqual([]);
    const [event] = receiver.events();
    expect(event).toMatchObject({
      level: "error",
      environment: "test",
      release: "flux-auth@1.2.3",
      transaction: "POST /api/auth/login",
      request: { method: "POST", url: "/api/auth/login" },
      tags: { kind: "error", where: "request" },
      user: { id: "a1" },
    });
    const values = event?.exception?.values.map(({ type, value }) => [type, value]);
    expect(values).toEqual([
      ["TypeError", "no row for [e-mail]"],
      ["Error", "lookup failed"],
    ]);
    expect(JSON.stringify(event)).toContain("app:///packages/telemetry/src/sentry/error-reports.test.ts");
    const { text = "" } = receiver.envelopes[0] ?? {};
    for (const hidden of ["S3cret", "server_name", "context_line", process.cwd()]) {
      expect(text).not.toContain(hidden);
    }
  });

  it("that is none, or has a hostile message, arrives all the same", async () => {
    const { reports } = await start();
    const odd = Object.defineProperty(new Error("x"), "stack", { value: 7 });
    for (const thrown of [undefined, null, "text", 7, { any: "thing" }, odd, new Error("\n".repeat(1e6))]) {
      reports.error(thrown);
    }
    await reports.close();
    expect(receiver.events()).toHaveLength(7);
    expect(receiver.faults).toEqual([]);
  });

  it("that comes again and again is reported some times, and then told in a number", async () => {
    let time = 0;
    const { reports } = await start({ now: () => time });
    for (let i = 0; i < 1_000; i++) reports.error(new Error("the database is gone"));
    time += 5_000;
    reports.error(new Error("the database is gone"));
    await reports.close();
    const events = receiver.events();
    expect(events).toHaveLength(21);
    expect(events.flatMap(({ extra }) => extra?.omittedBefore ?? [])).toEqual([980]);
  });
});

describe("a detection", () => {
  it("is an event of its own, with a level, tags of few values, and the evidence", async () => {
    const { reports } = await start();
    void reports.sink?.write(securityEvent(0));
    await reports.close();
    const [event] = receiver.events();
    expect(event).toMatchObject({
      level: "error",
      message: "brute-force: ip",
      fingerprint: ["detection", "brute-force", "ip"],
      tags: {
        ...{ kind: "detection", rule: "brute-force", scope: "ip", severity: "high", mode: "enforce" },
        action: "block",
      },
      extra: { value: "192.0.2.1", count: 5, threshold: 5, windowMs: 300_000, ip: "192.0.2.1" },
      user: { id: "a1" },
    });
    expect(event?.user).toEqual({ id: "a1" });
  });

  it("is one issue with the others of its rule and scope, from however many addresses", async () => {
    const { reports } = await start();
    for (const rule of ["brute-force", "password-spraying"]) {
      for (let i = 0; i < 3; i++) void reports.sink?.write(securityEvent(i, { rule, value: `192.0.2.${i}` }));
    }
    await reports.close();
    expect([...receiver.issues()].map(([key, events]) => [key, events.length])).toEqual([
      ["detection brute-force ip", 3],
      ["detection password-spraying ip", 3],
    ]);
  });

  it("of an attack is told some times, and in a number as soon as there is room, down to the last", async () => {
    let time = 0;
    const { reports } = await start({ now: () => time });
    const { sink } = reports;
    for (let i = 0; i < 10_000; i++) void sink?.write(securityEvent(i));
    await sink?.flush?.();
    time = 60_000;
    await sink?.flush?.();
    time = 120_000;
    await sink?.flush?.();
    await reports.close();
    const events = receiver.events();
    expect(events).toHaveLength(6);
    expect(events.flatMap(({ extra }) => extra?.omittedBefore ?? [])).toEqual([9_994]);
  });

  it("of many rules together is told no more often than the quota bears", async () => {
    const { reports } = await start({ now: () => 0, limits: { pending: 500 } });
    for (let i = 0; i < 500; i++) void reports.sink?.write(securityEvent(0, { rule: `rule-${i}` }));
    await reports.close();
    expect(receiver.events()).toHaveLength(50);
  });

  it("of a rule that was silent is told at once, whatever others report all the time", async () => {
    let time = 0;
    const { reports } = await start({ now: () => time, limits: { pending: 500 } });
    for (; time < 10 * 60_000; time += 10_000) {
      for (let i = 0; i < 10; i++) void reports.sink?.write(securityEvent(time, { rule: `noise-${i}` }));
    }
    time -= 10_000;
    void reports.sink?.write(securityEvent(time, { rule: "refresh-token-reuse" }));
    await reports.close();
    expect(receiver.issues().get("detection refresh-token-reuse ip")).toHaveLength(1);
  });

  it("of rules that report all the time is told of each in its turn", async () => {
    let time = 0;
    const { reports } = await start({ now: () => time, limits: { pending: 500 } });
    for (; time <= 10 * 60_000; time += 10_000) {
      await reports.sink?.flush?.();
      for (let i = 0; i < 12; i++) void reports.sink?.write(securityEvent(time, { rule: `rule-${i}` }));
    }
    await reports.close();
    const counts = [...receiver.issues().values()].map((events) => events.length);
    expect(counts).toHaveLength(12);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(3);
  });
});

describe("a trace", () => {
  const context = (path: string) => ({ req: { method: "GET", path }, res: { status: 200 } });

  it("is made of the share of requests that are drawn, under the log's id, whatever a client says about it", async () => {
    let draw = 0;
    const random = () => (draw++ % 100) / 100;
    const { reports } = await start({ tracesSampleRate: 0.1, random });
    const middleware = reports.traces?.((path) => path);
    const asked = { traceId: "a".repeat(32), requestId: "b".repeat(16), isSampled: true, isAnswered: false };
    await requestContext.run(asked, async () => {
      for (let i = 0; i < 100; i++) await middleware?.(context("/me"), async () => {});
    });
    await reports.close();
    expect(receiver.transactions()).toHaveLength(10);
    expect(receiver.transactions()[0]?.contexts?.trace?.trace_id).toBe("a".repeat(32));
  });

  it("has the route, the status, the statements and the steps, and nothing that a client wrote", async () => {
    const { reports } = await start({ tracesSampleRate: 1 });
    const middleware = reports.traces?.((path) => path.replace(/[^/]+$/, "*"));
    await middleware?.(context("/reset-password/S3cret?token=S3cret"), async () => {
      await null;
      reports.query?.(`select * from "user" where "email" = 'S3cret' limit $1`, 2);
      traceStep("crypto.hash", "password hash", 15);
    });
    traceStep("crypto.hash", "in no request", 15);
    await reports.close();
    const [trace] = receiver.transactions();
    expect(trace).toMatchObject({
      transaction: "GET /reset-password/*",
      contexts: { trace: { op: "http.server", status: "ok", data: { "http.response.status_code": 200 } } },
    });
    const spans = trace?.spans?.map(({ op, description }) => [op, description]);
    expect(spans).toEqual([
      ["db.query", 'select * from "user" where "email" = ? limit $1'],
      ["crypto.hash", "password hash"],
    ]);
    const [hash] = trace?.spans?.slice(1) ?? [];
    expect((hash?.timestamp ?? 0) - (hash?.start_timestamp ?? 0)).toBeCloseTo(0.015, 3);
    expect(receiver.envelopes[0]?.text).not.toContain("S3cret");
  });

  it("has the errors of its request", async () => {
    const { reports } = await start({ tracesSampleRate: 1 });
    const middleware = reports.traces?.((path) => path);
    await middleware?.(context("/me"), async () => reports.error(new Error("in a request")));
    await reports.close();
    const [trace] = receiver.transactions();
    const [error] = receiver.events();
    expect(error?.contexts?.trace?.trace_id).toBe(trace?.contexts?.trace?.trace_id);
  });

  it("of a flood is made some times only, and has only so many spans", async () => {
    const { reports } = await start({ tracesSampleRate: 1, now: () => Date.UTC(2026, 0, 5) });
    const middleware = reports.traces?.((path) => path);
    for (let i = 0; i < 1_000; i++) {
      await middleware?.(context("/me"), async () => {
        for (let query = 0; query < 1_000; query++) reports.query?.("select 1", 0);
      });
      // So that the receiver keeps up, and none is dropped.
      await new Promise(setImmediate);
    }
    await reports.close();
    const traces = receiver.transactions();
    expect(traces.length).toBeGreaterThan(10);
    expect(traces.length).toBeLessThanOrEqual(50);
    expect(traces[0]?.spans).toHaveLength(50);
  });

  it("is not made at all when the share is 0", async () => {
    const { reports } = await start({ tracesSampleRate: 0 });
    expect([reports.traces, reports.query]).toEqual([undefined, undefined]);
    await reports.close();
  });
});

function securityEvent(at: number, { rule = "brute-force", value = "192.0.2.1" } = {}): SecurityEvent {
  const detection: Detection = {
    ...{ rule, at, scope: "ip", value, severity: "high", confidence: "high", mode: "enforce" },
    ...{ attack: "T1110.001", owasp: "authn_login_fail_max" },
    evidence: { count: 5, threshold: 5, windowMs: 300_000 },
  };
  return {
    ...{ id: "01a21072-08af-7b3f-99f8-733d7446cd96", at },
    signal: { type: "sign-in-failure", at, ip: value, account: "a1", path: "/api/auth/login" },
    detections: [detection],
    decision: {
      ...{ id: "1", action: "block", scope: "ip", value, origin: "rule", createdAt: at, until: at + 1 },
    },
  };
}
