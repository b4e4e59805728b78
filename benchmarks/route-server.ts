// Serves a Hono route in one of nine variants, in a process of its own that says how much CPU it used.
//
// `bare`: the route alone. `passing`, `refusing`: behind a middleware that only goes on, or only answers what a blocked client
// gets, so that Hono's own price of any middleware is known. `guarded`, `blocked`: behind the guard. `redis`: behind a guard with
// windows in the Redis at the address in REDIS_URL. `quiet`, `observed`, `logged` (a line for each request): see observed-route.ts. `reported`: guarded, with reports to
// SENTRY_DSN as flux-auth makes them, a tenth of the requests traced within the limits; `traced`: without a limit.

import type { AddressInfo } from "node:net";
import type { GuardOptions } from "@fluxstudio/guard";
import { guardMiddleware } from "@fluxstudio/guard/hono";
import { connectRedis, createRedisWindowStore } from "@fluxstudio/guard/redis";
import { createErrorReports, createLogger } from "@fluxstudio/telemetry";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { benchGuard } from "./bench-guard.ts";
import { observedRoute, quietRoute } from "./observed-route.ts";

const variant = process.argv[2];
const app = new Hono();
if (variant === "passing") app.use(async (_, next) => next());
if (variant === "refusing") {
  app.use(async (c) => c.json({ code: "BLOCKED", retryAfter: 3600 }, 403, { "Retry-After": "3600" }));
}
if (variant === "reported" || variant === "traced") await report(variant === "traced");
if (variant === "redis") app.use(await gate(false, await withRedis()));
if (variant === "guarded" || variant === "blocked") app.use(await gate(variant === "blocked"));
if (variant === "quiet") app.use(...quietRoute());
if (variant === "observed") app.use(...(await observedRoute()));
if (variant === "logged") app.use(...(await observedRoute(Number.POSITIVE_INFINITY)));
app.get("/", (c) => c.json({ hello: "world" }));

const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
// Milliseconds of CPU so far, each time it is asked.
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.on("disconnect", () => process.exit(0));

async function withRedis(): Promise<Partial<GuardOptions>> {
  const url = process.env.REDIS_URL ?? "";
  const connection = connectRedis({ url, onError: (error) => console.error(error) });
  await connection.ready;
  // What does not answer in time is told, and goes on: its latency counts.
  return { windows: createRedisWindowStore({ connection }), onError: (error) => console.error(error) };
}

async function report(isUnlimited: boolean): Promise<void> {
  const reports = await createErrorReports({
    ...{ dsn: process.env.SENTRY_DSN, release: "bench", logger: createLogger({ level: "warn" }) },
    ...(isUnlimited && { limits: { traces: { burst: 1_000_000, refillMs: 0.001 } } }),
  });
  if (!reports.traces || !reports.sink) throw new Error("There is no SENTRY_DSN.");
  app.use(reports.traces((path) => path));
  app.use(await gate(false, { sinks: [reports.sink] }));
}

/** Every request asks a credential door, which costs most; the addresses that the load comes from are of one range. */
async function gate(blocked: boolean, options?: Partial<GuardOptions>) {
  const guard = benchGuard(options);
  const range = { scope: "ip-prefix", value: "10.0.0.0/8", origin: "admin" } as const;
  const until = Date.now() + 3_600_000;
  if (blocked) await guard.decide({ ...range, action: "block", until }, Date.now());
  return guardMiddleware({
    guard,
    clientIp: (c) => c.req.header("x-client") ?? "192.0.2.1",
    door: () => "sign-in",
  });
}
