// What a frame says, and that nothing is summed up for nobody.

import { performanceFrame } from "@fluxstudio/admin-api";
import { createActivity } from "@fluxstudio/telemetry";
import { expect, it } from "vitest";
import { createPerformanceFeed } from "./performance-feed.ts";

const at = Date.UTC(2026, 0, 5);

function start() {
  const activity = createActivity();
  const frames: unknown[] = [];
  const feed = createPerformanceFeed({
    ...{ activity, storeName: "memory", now: () => at, activeBlocks: () => 7 },
    // Frames are made by hand.
    intervalMs: 3_600_000,
    degraded: { windows: () => ({ reason: "STORE_TIMEOUT", since: at }), place: () => undefined },
  });
  const listen = () => feed.listen((frame) => frames.push(frame));
  const last = () => performanceFrame.parse(JSON.parse(JSON.stringify(frames.at(-1))));
  return { activity, feed, frames, listen, last };
}

it("a frame has rates, percentiles by route, errors, detections, the store and what is missing", () => {
  const { activity, feed, listen, last } = start();
  const stop = listen();
  for (let i = 1; i <= 100; i++) activity.watcher?.request("POST /login", i > 90 ? 503 : 401, i);
  activity.watcher?.request("GET /healthz", 200, 0.1);
  activity.watcher?.storeCall(2, false);
  activity.watcher?.storeCall(50, true);
  for (const rule of ["brute-force", "brute-force", "bot-activity"]) activity.watcher?.detection(rule);
  feed.tick();
  const frame = last();
  expect(frame).toMatchObject({ at, activeBlocks: 7, detections: { "brute-force": 2, "bot-activity": 1 } });
  expect(frame.degraded).toEqual({ windows: { reason: "STORE_TIMEOUT", since: "2026-01-05T00:00:00.000Z" } });
  const [login, healthz] = frame.routes;
  expect(login).toMatchObject({ route: "POST /login", errorRate: 0.1 });
  expect(login?.latency?.p50Ms).toBeCloseTo(50, -1);
  expect(login?.latency?.p99Ms).toBeCloseTo(99, -1);
  expect(healthz?.route).toBe("GET /healthz");
  expect(frame.requests.perSecond).toBeCloseTo(101 / (frame.intervalMs / 1_000), 3);
  expect(frame.store.failuresPerSecond).toBeGreaterThan(0);
  expect(frame.store.latency?.p50Ms).toBeCloseTo(2, 0);
  expect(frame.memory.residentBytes).toBeGreaterThan(1e6);
  stop();
});

it("each frame begins anew, and an idle one has no latency", () => {
  const { activity, feed, listen, last } = start();
  const stop = listen();
  activity.watcher?.request("POST /login", 200, 1);
  feed.tick();
  feed.tick();
  expect(last().requests).toEqual({ perSecond: 0, errorRate: 0 });
  expect(last().routes).toEqual([]);
  stop();
});

it("nobody watches until somebody listens, and nobody once the last one has gone", () => {
  const { activity, feed, frames, listen } = start();
  expect(activity.watcher).toBeUndefined();
  feed.tick();
  const [one, other] = [listen(), listen()];
  one();
  expect(activity.watcher).toBeDefined();
  other();
  expect(activity.watcher).toBeUndefined();
  feed.tick();
  expect(frames).toEqual([]);
});

it("the busiest fifty routes are named, and the rest is in the sum", () => {
  const { activity, feed, listen, last } = start();
  const stop = listen();
  for (let route = 0; route < 80; route++) {
    for (let i = 0; i <= route; i++) activity.watcher?.request(`GET /${route}`, 200, 1);
  }
  feed.tick();
  expect(last().routes).toHaveLength(50);
  expect(last().routes[0]?.route).toBe("GET /79");
  expect(Math.round((last().requests.perSecond * last().intervalMs) / 1_000)).toBe((80 * 81) / 2);
  stop();
});
