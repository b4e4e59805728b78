// Each request is measured once: one line at most, none for what the guard refuses, and a bounded number of series.

import { hostname } from "node:os";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createActivity } from "./activity.ts";
import { createLogger, type LogLevel } from "./logger.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { requestContext } from "./request-context.ts";
import { createRequests } from "./requests.ts";

function start(level: LogLevel = "info") {
  const written: string[] = [];
  const logger = createLogger({ level, stream: { write: (line) => void written.push(line) } });
  const metrics = createMetrics();
  const activity = createActivity();
  const time = { ms: 0 };
  const requests = createRequests({ metrics, activity, logger, clock: () => time.ms });
  let asked = 0;
  const answered = (more: object = {}) => ({
    ...{ method: "POST", route: "/login", status: 401, isRoutine: false },
    facts: () => {
      asked++;
      return { path: "/login", ip: "192.0.2.1" };
    },
    ...more,
  });
  const lines = () => written.map((line) => JSON.parse(line));
  return { logger, metrics, activity, time, requests, answered, lines, asked: () => asked };
}

it("a request has one line, with its ids, its answer and how long that took", () => {
  const { requests, answered, time, lines } = start();
  const request = requests.begin(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
  time.ms = 12.3456;
  requests.end(request, answered());
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toMatchObject({
    ...{ level: "info", msg: "request", method: "POST", path: "/login", status: 401, ip: "192.0.2.1" },
    ...{ traceId: "a".repeat(32), requestId: request.requestId, durationMs: 12.35 },
  });
});

it("what is written while it is answered has its ids, also in a child; what goes on behind it has not", () => {
  const { requests, answered, logger, lines } = start();
  const request = requests.begin(undefined);
  requestContext.run(request, () => {
    logger.warn("during");
    logger.child({ part: "x" }).warn("in a child");
    requests.end(request, answered());
    logger.warn("behind");
  });
  logger.warn("outside");
  expect(lines().map(({ msg, requestId }) => [msg, requestId])).toEqual([
    ["during", request.requestId],
    ["in a child", request.requestId],
    ["request", request.requestId],
    ["behind", undefined],
    ["outside", undefined],
  ]);
});

it("what probes ask is for those who look for a fault, and costs others nothing", () => {
  const quiet = start("info");
  quiet.requests.end(quiet.requests.begin(undefined), quiet.answered({ isRoutine: true }));
  expect(quiet.lines()).toEqual([]);
  expect(quiet.asked()).toBe(0);
  const loud = start("debug");
  loud.requests.end(loud.requests.begin(undefined), loud.answered({ isRoutine: true }));
  expect(loud.lines()).toMatchObject([{ level: "debug", msg: "request" }]);
});

it("a flood that the guard refuses is one line, whoever it comes from, and all of it is counted", async () => {
  const { requests, answered, metrics, lines, asked } = start("trace");
  for (let i = 0; i < 10_000; i++) {
    const request = requests.begin(undefined);
    request.refusal =
      i % 10 === 0 ? { action: "delay", reason: "over-limit" } : { action: "block", reason: "decision" };
    requests.end(request, answered({ status: 403 }));
  }
  expect(lines()).toEqual([]);
  expect(asked()).toBe(0);
  requests.flush();
  requests.flush();
  expect(lines()).toMatchObject([{ msg: "Requests were refused", refused: { block: 9_000, delay: 1_000 } }]);
  const text = await metrics.text();
  expect(text).toContain('flux_http_requests_refused_total{action="block",reason="decision"} 9000');
  expect(text).toContain(
    'flux_http_request_duration_seconds_count{method="POST",route="/login",status="4xx"} 10000',
  );
});

it("a flood of what the guard lets through has so many lines a second, and is summed up by route and status", () => {
  const { requests, answered, lines, asked, time } = start();
  const flood = (count: number, more: object) => {
    for (let i = 0; i < count; i++) requests.end(requests.begin(undefined), answered(more));
  };
  time.ms = 1_000;
  flood(2_000, { method: "GET", route: "other", status: 404 });
  expect(lines()).toHaveLength(500);
  expect(asked()).toBe(500);
  // Faults have a budget of their own, which nobody else can use up.
  flood(600, { status: 500 });
  expect(lines().filter(({ status }) => status === 500)).toHaveLength(500);
  time.ms = 2_000;
  flood(150, {});
  expect(lines()).toHaveLength(1_100);
  requests.flush();
  requests.flush();
  expect(lines().slice(1_100)).toMatchObject([
    {
      msg: "Requests without lines of their own",
      requests: { "GET other 404": 1_500, "POST /login 500": 100, "POST /login 401": 50 },
    },
  ]);
});

it("a line is written alike by a log of our own and by any other", () => {
  const own = start();
  const written: string[] = [];
  const plain = pino(
    {
      base: { pid: process.pid, hostname: hostname() },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void written.push(line) },
  );
  const others = createRequests({ ...own, metrics: createMetrics(), logger: plain, clock: () => 0 });
  const facts = () => ({ path: '/a"\u0085/*', ip: "192.0.2.1" });
  for (const requests of [own.requests, others]) {
    const request = requests.begin(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
    requests.end(request, own.answered({ facts }));
  }
  const [one, other] = [own.lines()[0], JSON.parse(written[0] ?? "")];
  expect(Object.keys(one)).toEqual(Object.keys({ level: 1, ...other }));
  const ofItself = { time: "", requestId: "" };
  expect({ ...one, ...ofItself }).toEqual({ ...other, ...ofItself });
});

it("whoever watches is told of each request, and of the route instead of the path", () => {
  const { requests, answered, activity, time } = start();
  const seen: unknown[] = [];
  activity.watcher = {
    request: (...what) => void seen.push(what),
    storeCall: () => {},
    detection: () => {},
  };
  const request = requests.begin(undefined);
  time.ms = 4;
  requests.end(request, answered({ status: 503 }));
  expect(seen).toEqual([["POST /login", 503, 4]]);
});
