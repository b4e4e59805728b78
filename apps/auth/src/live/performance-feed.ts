// Sums up what a process does, once a second, for as long as somebody listens.

import { monitorEventLoopDelay } from "node:perf_hooks";
import type { PerformanceFrame } from "@fluxstudio/admin-api";
import type { Activity, Watcher } from "@fluxstudio/telemetry";
import type { Missing } from "../monitoring/missing.ts";
import { createLatencies, type Latencies } from "./latencies.ts";

export interface PerformanceFeedOptions {
  readonly activity: Activity;
  readonly storeName: string;
  /** See `createHealth`. */
  readonly degraded: Missing;
  readonly activeBlocks: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @default 1_000 */
  readonly intervalMs?: number;
}

export interface PerformanceFeed {
  /** @returns ends it */
  listen(listener: (frame: PerformanceFrame) => void): () => void;
  /** Makes the next frame now; for tests. */
  tick(): void;
}

interface Tally {
  readonly latencies: Latencies;
  errors: number;
}

const mostRoutes = 50;
/** How often the event loop is looked at; a lag shorter than that is not seen. */
const lagResolutionMs = 10;

export function createPerformanceFeed(options: PerformanceFeedOptions): PerformanceFeed {
  const { activity, now, intervalMs = 1_000 } = options;
  const listeners = new Set<(frame: PerformanceFrame) => void>();
  let stop: (() => void) | undefined;
  let tick = () => {};

  function start(): () => void {
    const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
    lag.enable();
    let since = performance.now();
    let sums = createSums();
    activity.watcher = sums.watcher;
    tick = () => {
      const took = performance.now() - since;
      since += took;
      const { frame } = sums;
      sums = createSums();
      activity.watcher = sums.watcher;
      const made: PerformanceFrame = {
        at: now(),
        intervalMs: took,
        ...frame(took / 1000, options),
        eventLoopLag: lagOf(lag),
      };
      lag.reset();
      for (const listener of listeners) listener(made);
    };
    const timer = setInterval(() => tick(), intervalMs);
    timer.unref();
    return () => {
      clearInterval(timer);
      lag.disable();
      activity.watcher = undefined;
      tick = () => {};
    };
  }

  return {
    listen(listener) {
      listeners.add(listener);
      stop ??= start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
    tick: () => tick(),
  };
}

/** What happened in one interval. */
function createSums() {
  const all: Tally = { latencies: createLatencies(), errors: 0 };
  const byRoute = new Map<string, Tally>();
  const store: Tally = { latencies: createLatencies(), errors: 0 };
  const detections = new Map<string, number>();

  const watcher: Watcher = {
    request(route, status, durationMs) {
      let one = byRoute.get(route);
      if (!one) {
        one = { latencies: createLatencies(), errors: 0 };
        byRoute.set(route, one);
      }
      for (const tally of [all, one]) {
        tally.latencies.add(durationMs);
        if (status >= 500) tally.errors++;
      }
    },
    storeCall(durationMs, hasFailed) {
      if (hasFailed) store.errors++;
      else store.latencies.add(durationMs);
    },
    detection(rule) {
      detections.set(rule, (detections.get(rule) ?? 0) + 1);
    },
  };

  function frame(seconds: number, { storeName, degraded, activeBlocks }: PerformanceFeedOptions) {
    const ratesOf = ({ latencies, errors }: Tally) => ({
      perSecond: latencies.count / seconds,
      errorRate: latencies.count === 0 ? 0 : errors / latencies.count,
      latency: latencyOf(latencies),
    });
    const routes = [...byRoute].sort(([, one], [, other]) => other.latencies.count - one.latencies.count);
    const { rss, heapUsed } = process.memoryUsage();
    return {
      requests: ratesOf(all),
      routes: routes.slice(0, mostRoutes).map(([route, tally]) => ({ route, ...ratesOf(tally) })),
      memory: { residentBytes: rss, heapUsedBytes: heapUsed },
      store: {
        name: storeName,
        perSecond: (store.latencies.count + store.errors) / seconds,
        failuresPerSecond: store.errors / seconds,
        latency: latencyOf(store.latencies),
      },
      degraded: Object.fromEntries(
        Object.entries(degraded).flatMap(([name, ask]) => {
          const found = ask();
          return found ? [[name, { ...found, since: new Date(found.since).toISOString() }] as const] : [];
        }),
      ),
      detections: Object.fromEntries(detections),
      activeBlocks: activeBlocks(),
    };
  }
  return { watcher, frame };
}

function latencyOf(latencies: Latencies) {
  if (latencies.count === 0) return undefined;
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => rounded(latencies.percentileMs(share)));
  return { p50Ms: p50Ms ?? 0, p95Ms: p95Ms ?? 0, p99Ms: p99Ms ?? 0 };
}

/** The monitor's delays hold the time that it waits between two looks. */
function lagOf(lag: ReturnType<typeof monitorEventLoopDelay>) {
  const ms = (nanoseconds: number) => rounded(Math.max(0, nanoseconds / 1e6 - lagResolutionMs));
  return { p50Ms: ms(lag.percentile(50)), p99Ms: ms(lag.percentile(99)), maxMs: ms(lag.max) };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
