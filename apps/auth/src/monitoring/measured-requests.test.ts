// Every answer carries the ids under which the log knows its request, and what the log says of it is bounded.

import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { expect, it, onTestFinished } from "vitest";
import { program, startTestApp } from "../test-app.ts";

const start = () => startTestApp({ databaseUrl: ":memory:" });
const requestLines = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");

it("the answer has the caller's trace and the id of the line", async () => {
  const { ask, lines } = await start();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { ...program, traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const answer = await ask("/api/auth/me", { headers }, "192.0.2.1");
  const requestId = answer.headers.get("x-request-id");
  expect(requestId).toMatch(/^[0-9a-f]{16}$/);
  expect(answer.headers.get("traceparent")).toBe(`00-${traceId}-${requestId}-01`);
  expect(requestLines(lines)).toMatchObject([
    { requestId, traceId, method: "GET", path: "/api/auth/me", status: 401, ip: "192.0.2.1" },
  ]);
});

it("what a detection is logged for has the id of its request", async () => {
  const { ask, lines } = await start();
  const answer = await ask(
    "/api/auth/login",
    { method: "POST", headers: { "user-agent": "curl/8" } },
    "192.0.2.1",
  );
  const alert = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "Security Alert");
  expect(alert?.requestId).toBe(answer.headers.get("x-request-id"));
});

it("a line says the route's words, never what stands in their place or in the query", async () => {
  const { ask, lines } = await start();
  await ask("/api/auth/reset-password/s3cr3t-token?token=s3cr3t-too", { headers: program }, "192.0.2.1");
  await ask(`/${"x".repeat(3_000)}`, { headers: program }, "192.0.2.1");
  expect(requestLines(lines).map(({ path }) => path)).toEqual(["/api/auth/reset-password/*", "/*"]);
  expect(lines.join("")).not.toContain("s3cr3t");
});

it("whoever is blocked writes no lines, however often he asks, and is summed up", async () => {
  const { post, lines, monitoring } = await start();
  const guess = () =>
    post("/api/auth/login", { email: "ada@example.com", password: "wrong password" }, "192.0.2.1");
  for (let i = 0; i < 5; i++) await guess();
  const before = requestLines(lines).length;
  expect(before).toBe(5);
  for (let i = 0; i < 100; i++) expect((await guess()).status).toBe(403);
  expect(requestLines(lines)).toHaveLength(before);
  monitoring.requests.flush();
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ refused: { block: 100 } });
});

it("over a socket a redirect, a file and an error have them too", async () => {
  const services = await start();
  const server = createAdaptorServer({ fetch: services.app.fetch }) as Server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of [
    "/healthz",
    "/api/auth/verify-email?token=wrong&callbackURL=/",
    "/api/auth/get-session",
    "/.well-known/jwks.json",
    "/nothing",
  ]) {
    const answer = await fetch(origin + path, { redirect: "manual", headers: { connection: "close" } });
    expect(answer.headers.get("x-request-id"), path).toMatch(/^[0-9a-f]{16}$/);
    await answer.arrayBuffer();
  }
});
