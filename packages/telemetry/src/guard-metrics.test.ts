// What a real guard does is counted: detections, decisions by whom, refusals of a request, calls to its store and their failures.

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
  type WindowStore,
} from "@fluxstudio/guard";
import { expect, it } from "vitest";
import { createActivity } from "./activity.ts";
import { createGuardMetrics } from "./guard-metrics.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { type RequestContext, requestContext } from "./request-context.ts";

const at = Date.UTC(2026, 0, 5);

function start(store: WindowStore = createMemoryWindowStore()) {
  const metrics = createMetrics();
  const activity = createActivity();
  const measured = createGuardMetrics(metrics, activity);
  const unwatched = createGuard({
    rules: builtInRules,
    windows: measured.windows(store),
    decisions: createMemoryDecisionStore(),
    onError: () => {},
    sinks: [measured.sink],
  });
  const guard = measured.guard(unwatched, () => at);
  const fail = (ip: string) =>
    guard.record({ type: "sign-in-failure", at, ip, account: "a", door: "sign-in" });
  const ask = (ip: string) => guard.check({ type: "request", at, ip, door: "sign-in" });
  return { metrics, activity, guard, fail, ask };
}

it("an attack shows in detections, decisions and what is in force", async () => {
  const { metrics, guard, fail } = start();
  for (let i = 0; i < 6; i++) await fail("192.0.2.1");
  await guard.decide({ action: "block", scope: "ip", value: "192.0.2.2", origin: "admin", until: null }, at);
  const text = await metrics.text();
  expect(text).toContain('flux_detections_total{rule="brute-force",severity="high",mode="enforce"} 1');
  expect(text).toContain('flux_decisions_total{action="block",origin="rule"} 1');
  expect(text).toContain('flux_decisions_total{action="block",origin="admin"} 1');
  expect(text).toContain('flux_decisions_active{action="block",origin="rule"} 1');
  expect(text).toMatch(/flux_store_duration_seconds_count\{store="memory"\} \d+/);
});

it("refusals under a decision are no decisions", async () => {
  const { metrics, guard, fail, ask } = start();
  for (let i = 0; i < 5; i++) await fail("192.0.2.1");
  for (let i = 0; i < 100; i++) await ask("192.0.2.1");
  await guard.flush();
  expect(await metrics.text()).toContain('flux_decisions_total{action="block",origin="rule"} 1');
});

it("a request knows that it was refused, and by the last check only", async () => {
  const { guard, fail, ask } = start();
  for (let i = 0; i < 5; i++) await fail("192.0.2.1");
  const request: RequestContext = { traceId: undefined, requestId: "", isSampled: false, isAnswered: false };
  await requestContext.run(request, async () => {
    await ask("192.0.2.1");
    expect(request.refusal).toEqual({ action: "block", reason: "decision" });
    // As a known device is, where its address is blocked.
    await ask("192.0.2.3");
    expect(request.refusal).toBeUndefined();
  });
  await guard.close();
});

it("a store that fails is counted apart from what it answered, at once or later", async () => {
  let isDown = false;
  const memory = createMemoryWindowStore();
  const seen: boolean[] = [];
  for (const isLate of [false, true]) {
    const store: WindowStore = {
      name: "redis",
      observe(operations) {
        if (!isDown) return isLate ? Promise.resolve(memory.observe(operations)) : memory.observe(operations);
        if (isLate) return Promise.reject(new Error("gone"));
        throw new Error("gone");
      },
    };
    isDown = false;
    const { metrics, activity, ask } = start(store);
    activity.watcher = {
      request: () => {},
      storeCall: (_, hasFailed) => void seen.push(hasFailed),
      detection: () => {},
    };
    await ask("192.0.2.1");
    isDown = true;
    await ask("192.0.2.1");
    const text = await metrics.text();
    expect(text).toContain('flux_store_duration_seconds_count{store="redis"} 1');
    expect(text).toContain('flux_store_failures_total{store="redis"} 1');
  }
  expect(seen).toEqual([false, true, false, true]);
});
