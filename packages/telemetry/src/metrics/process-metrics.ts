// What a process takes, and how late its event loop is.

import { readdir } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Metrics } from "./metrics.ts";

/** How often it is looked how late a timer is: a pause of a tenth of a second is always seen, a shorter one in its share. */
const lagEveryMs = 100;
const lagBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * The names without `flux_` are those of Prometheus' own client libraries, which dashboards of others know.
 * @returns ends the timer
 */
export function addProcessMetrics(metrics: Metrics): () => void {
  metrics.total(
    { name: "process_cpu_seconds_total", help: "Time of a core that the process has used." },
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  );
  metrics.gauge(
    { name: "process_start_time_seconds", help: "When the process began, in seconds since 1970." },
    () => performance.timeOrigin / 1000,
  );
  metrics.gauge({ name: "process_resident_memory_bytes", help: "Memory that the process has." }, () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge(
    { name: "process_open_fds", help: "Open files and connections; on Linux." },
    async () => (await readdir("/proc/self/fd")).length,
  );
  metrics.gauge(
    { name: "nodejs_heap_size_used_bytes", help: "Memory of JavaScript objects." },
    () => process.memoryUsage().heapUsed,
  );
  metrics.total(
    {
      name: "flux_event_loop_active_seconds_total",
      help: "Time in which the event loop was busy; near one second a second it is full.",
    },
    () => performance.eventLoopUtilization().active / 1000,
  );
  const lag = metrics.histogram({
    ...{ name: "flux_event_loop_lag_seconds", help: "How late timers are.", bounds: lagBounds },
  });
  let dueAt = performance.now() + lagEveryMs;
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe({}, Math.max(0, now - dueAt) / 1000);
    dueAt = now + lagEveryMs;
  }, lagEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
