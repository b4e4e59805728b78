// A real receiver on loopback gets the numbers that Prometheus reads; one that is down, slow or odd does no harm.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createLogger } from "../logger.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { startOtlpExport } from "./otlp.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param answer what the collector says */
async function startCollector(answer: (response: ServerResponse) => void = (response) => response.end("{}")) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      answer(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const at = Date.UTC(2026, 0, 5);

function startExport(endpoint: string, limits = { timeoutMs: 300, lastPushMs: 2_000 }) {
  const lines: string[] = [];
  const metrics = createMetrics();
  const exported = startOtlpExport({
    ...{ metrics, endpoint, headers: { "x-key": "secret-key" }, serviceName: "flux-test" },
    ...{ intervalMs: 3_600_000, ...limits, now: () => at },
    logger: createLogger({ level: "info", stream: { write: (line) => void lines.push(line) } }),
  });
  return { metrics, exported, lines };
}

it("counters, numbers and histograms arrive as what they are", async () => {
  const { received, endpoint } = await startCollector();
  const { metrics, exported } = startExport(endpoint);
  metrics.counter({ name: "flux_x_total", help: "X.", labels: ["rule"] }).add({ rule: "a" }, 3);
  metrics.gauge({ name: "flux_memory_bytes", help: "Memory." }, () => 42);
  const histogram = metrics.histogram({
    ...{ name: "flux_y_seconds", help: "Y.", labels: ["store"], bounds: [1, 2] },
  });
  for (const seconds of [0.5, 1.5, 1.5, 9]) histogram.observe({ store: "memory" }, seconds);
  await exported.close();
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ path: "/v1/metrics", headers: { "x-key": "secret-key" } });
  const [of] = JSON.parse(received[0]?.body ?? "").resourceMetrics;
  expect(of.resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "flux-test" } });
  const byName = Object.fromEntries(
    of.scopeMetrics[0].metrics.map((one: { name: string }) => [one.name, one]),
  );
  const [x] = byName.flux_x_total.sum.dataPoints;
  expect(byName.flux_x_total.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
  expect(x).toMatchObject({ asDouble: 3, attributes: [{ key: "rule", value: { stringValue: "a" } }] });
  expect(byName.flux_memory_bytes).toMatchObject({ unit: "By", gauge: { dataPoints: [{ asDouble: 42 }] } });
  expect(byName.flux_y_seconds).toMatchObject({
    unit: "s",
    histogram: {
      dataPoints: [{ count: 4, sum: 12.5, explicitBounds: [1, 2], bucketCounts: [1, 2, 1] }],
    },
  });
});

it("a collector that is down is told of once, without what it is shown, and once more when it is back", async () => {
  let isDown = true;
  const { endpoint } = await startCollector((response) => {
    response.statusCode = isDown ? 400 : 200;
    response.end("{}");
  });
  const { exported, lines } = startExport(endpoint);
  await exported.push();
  await exported.push();
  isDown = false;
  await exported.push();
  const told = lines.map((line) => JSON.parse(line).msg);
  expect(told).toEqual([
    "The metrics cannot be sent to the collector",
    "The metrics are sent to the collector again",
  ]);
  expect(lines.join()).not.toContain("secret-key");
  await exported.close();
});

it("the end does not wait for a collector that is down to be tried again", async () => {
  const silent = await startCollector(() => {});
  for (const endpoint of ["http://127.0.0.1:1", silent.endpoint]) {
    const { exported, lines } = startExport(endpoint, { timeoutMs: 60_000, lastPushMs: 100 });
    await exported.close();
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      "The metrics cannot be sent to the collector",
    ]);
  }
});

it("nobody there, one that never answers, and garbage end within the time limit", async () => {
  const silent = await startCollector(() => {});
  const odd = await startCollector((response) => response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n"));
  for (const endpoint of ["http://127.0.0.1:1", silent.endpoint, odd.endpoint]) {
    const { exported, lines } = startExport(endpoint);
    await exported.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("cannot be sent");
  }
});
