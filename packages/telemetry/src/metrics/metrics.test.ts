// What Prometheus reads: what cannot be read is missing, and everything else is there.

import { expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { addProcessMetrics } from "./process-metrics.ts";

const linesOf = async (metrics: { text(): Promise<string> }): Promise<string[]> =>
  (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

it("counters and histograms have the labels that they were given", async () => {
  const metrics = createMetrics();
  const counter = metrics.counter({ name: "flux_x_total", help: "X.", labels: ["rule"] });
  counter.add({ rule: "a" });
  counter.add({ rule: "a" }, 2);
  const histogram = metrics.histogram({
    name: "flux_y_seconds",
    help: "Y.",
    labels: ["store"],
    bounds: [1, 2],
  });
  histogram.observe({ store: "memory" }, 1.5);
  expect(await linesOf(metrics)).toEqual([
    'flux_x_total{rule="a"} 3',
    'flux_y_seconds_bucket{le="1",store="memory"} 0',
    'flux_y_seconds_bucket{le="2",store="memory"} 1',
    'flux_y_seconds_bucket{le="+Inf",store="memory"} 1',
    'flux_y_seconds_sum{store="memory"} 1.5',
    'flux_y_seconds_count{store="memory"} 1',
  ]);
});

it("a number is asked for at each reading, and what grows is not added up", async () => {
  const metrics = createMetrics();
  let now = 1;
  metrics.gauge({ name: "flux_now", help: "Now." }, () => now);
  metrics.total({ name: "flux_ever_total", help: "Ever." }, async () => now);
  expect(await linesOf(metrics)).toEqual(["flux_now 1", "flux_ever_total 1"]);
  now = 5;
  expect(await linesOf(metrics)).toEqual(["flux_now 5", "flux_ever_total 5"]);
});

it("a label that is no longer there is gone", async () => {
  const metrics = createMetrics();
  const reasons = ["STORE_TIMEOUT"];
  metrics.gauge({ name: "flux_degraded", help: "Degraded.", labels: ["reason"] }, () =>
    reasons.map((reason) => ({ labels: { reason }, value: 1 })),
  );
  expect(await linesOf(metrics)).toEqual(['flux_degraded{reason="STORE_TIMEOUT"} 1']);
  reasons.pop();
  expect(await linesOf(metrics)).toEqual([]);
});

it("one that cannot be read is missing, and the others are there", async () => {
  const metrics = createMetrics();
  const broken = () => Promise.reject(new Error("the database is away"));
  metrics.gauge({ name: "flux_broken", help: "Broken." }, broken);
  metrics.total({ name: "flux_broken_total", help: "Broken." }, broken);
  metrics.queue("mails", broken);
  metrics.queue("events", () => 3);
  expect(await linesOf(metrics)).toEqual(['flux_queue_length{queue="events"} 3']);
});

it("readers at the same time share one reading", async () => {
  const metrics = createMetrics();
  let asked = 0;
  metrics.gauge({ name: "flux_asked", help: "Asked." }, () => ++asked);
  const both = await Promise.all([metrics.text(), metrics.text()]);
  expect(both[0]).toBe(both[1]);
  expect(asked).toBe(1);
});

it("a process says what it takes, and how late its timers are", async () => {
  const metrics = createMetrics();
  const stop = addProcessMetrics(metrics);
  await expect
    .poll(async () => {
      const line = (await linesOf(metrics)).find((one) =>
        one.startsWith("flux_event_loop_lag_seconds_count"),
      );
      return Number(line?.split(" ")[1]);
    })
    .toBeGreaterThan(0);
  stop();
  const values = new Map((await linesOf(metrics)).map((line) => line.split(" ") as [string, string]));
  for (const name of [
    ...["process_cpu_seconds_total", "process_start_time_seconds", "process_resident_memory_bytes"],
    ...["nodejs_heap_size_used_bytes", "flux_event_loop_active_seconds_total"],
  ]) {
    expect(Number(values.get(name)), name).toBeGreaterThan(0);
  }
});
