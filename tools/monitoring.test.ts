// The dashboard and the alerts ask for metrics and labels that a running flux-auth has, and for all of its metrics.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startTestApp } from "../apps/auth/src/test-app.ts";
import { labelsOfSides, parseScrape, problemsOf, queriesIn } from "./monitoring/queries.ts";

const directory = join(import.meta.dirname, "../docs/monitoring");
const read = (file: string) => JSON.parse(readFileSync(join(directory, file), "utf8"));

/** Of a server that was attacked, and of one that lacks its Redis, and so says since when. */
async function scrapeServers() {
  const { post, monitoring, guard } = await startTestApp({ databaseUrl: ":memory:" });
  const degraded = await startTestApp({ databaseUrl: ":memory:", env: { REDIS_URL: "redis://127.0.0.1:1" } });
  for (let i = 0; i < 7; i++) {
    await post("/api/auth/login", { email: "ada@example.com", password: "wrong password" }, "192.0.2.1");
  }
  await guard.decide({ action: "block", scope: "ip", value: "192.0.2.2", origin: "admin", until: null }, 1);
  // The event loop is looked at ten times a second.
  await expect.poll(() => monitoring.metrics.text()).toMatch(/lag_seconds_count [1-9]/);
  return parseScrape((await monitoring.metrics.text()) + (await degraded.monitoring.metrics.text()));
}

it("every query finds its metrics and labels, and every metric is in the dashboard", async () => {
  const scrape = await scrapeServers();
  const dashboard = queriesIn(read("dashboard.json"));
  const alerts = queriesIn(read("alerts.json"));
  expect(alerts.length).toBeGreaterThan(10);
  expect([...dashboard, ...alerts].flatMap((query) => problemsOf(query, scrape))).toEqual([]);
  const asked = dashboard.join("\n");
  const all = new Set([...scrape.metrics.keys()].map((name) => name.replace(/_(?:bucket|sum|count)$/, "")));
  expect(all.size).toBeGreaterThan(20);
  expect([...all].filter((name) => !asked.includes(name))).toEqual([]);
});

it("a wrong metric, label or value in a query is found", () => {
  const scrape = parseScrape(`# HELP flux_detections_total Rules.
# TYPE flux_detections_total counter
flux_detections_total{rule="brute-force",severity="high"} 1
# TYPE flux_queue_length gauge
flux_queue_length{queue="mail-outbox"} 0
# TYPE flux_store_failures_total counter
`);
  const problems = (query: string) => problemsOf(query, scrape);
  expect(problems("rate(flux_detection_total[5m])")).toEqual(["flux_detection_total: no such metric"]);
  expect(problems("rate(flux_detections[5m]) > 0")).toEqual(["flux_detections: no such metric"]);
  expect(problems("sum by (ip) (flux_detections_total)")).toEqual([
    "sum by (ip) (flux_detections_total): no metric in it has the label ip",
  ]);
  expect(problems('flux_detections_total{rul="x"}')).toEqual(["flux_detections_total: no label rul"]);
  expect(problems('flux_queue_length{queue="mails"}')).toEqual(['flux_queue_length: no queue is "mails"']);
  expect(problems("1 + 1")).toEqual(["1 + 1: asks for no metric"]);
  expect(problems('sum by (instance) (flux_queue_length{queue=~"mail.*|x",job="flux-auth"})')).toEqual([]);
  expect(problems("rate(flux_store_failures_total[5m])")).toEqual([]);
  expect(queriesIn({ a: [{ expr: "x" }, { b: { expr: "y" } }], expr: 1 })).toEqual(["x", "y"]);
});

it("an alert with two conditions is one alert when both are met", () => {
  const joined = queriesIn(read("alerts.json")).map(labelsOfSides);
  expect(joined.filter((sides) => sides.length > 1)).toEqual([["instance", "instance"]]);
  expect(labelsOfSides("rate(a[5m]) > 0.9 or sum by (instance) (b) > 1")).toEqual(["all", "instance"]);
});

it("every alert says what it is about and how bad it is, under a name of its own", () => {
  const groups: { rules: { alert: string; labels: object; annotations: { summary: string } }[] }[] =
    read("alerts.json").groups;
  const rules = groups.flatMap((group) => group.rules);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect([{ severity: "warning" }, { severity: "critical" }], alert).toContainEqual(labels);
    expect(annotations.summary, alert).toMatch(/\.$/);
  }
});
