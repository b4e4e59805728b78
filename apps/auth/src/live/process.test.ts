// A whole process: it is watched, its numbers arrive at a collector, and it ends in time although somebody watches.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { asOperator } from "../test-app.ts";
import { startProcess } from "../test-process.ts";

it("ends within its time though a viewer and a collector are there, and sends what is left", async () => {
  const pushed: string[] = [];
  const collector = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text) => pushed.push(text));
    request.on("end", () => response.end("{}"));
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as AddressInfo;
  const server = startProcess({
    DATABASE_URL: ":memory:",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    // Never before the end.
    OTEL_METRIC_EXPORT_INTERVAL: "9999999",
  });
  await server.ready;
  const socket = new WebSocket(`ws://127.0.0.1:${server.port()}/performance`, { headers: asOperator() });
  await once(socket, "message");
  const closed = once(socket, "close");
  expect(await server.end()).toBe(0);
  expect((await closed)[0]).toBe(1001);
  expect(pushed.join("")).toContain("flux_http_request_duration_seconds");
  collector.closeAllConnections();
});
