// A Hono route bare, guarded, and guarded against a blocked address, each served over loopback.

import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";
import { guardMiddleware } from "@fluxstudio/guard/hono";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";

export type Variant = "bare" | "guarded" | "blocked";

const requests = 20_000;
const connections = 32;

/** Requests a second. Each request comes from another of 65,536 addresses; the blocked ones are of one range. */
export async function routeRate(variant: Variant): Promise<number> {
  const app = new Hono();
  if (variant !== "bare") app.use(await gate(variant === "blocked"));
  app.get("/", (c) => c.json({ hello: "world" }));
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const load = new URL("load.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    load,
    url,
    String(requests),
    String(connections),
  ]);
  await new Promise((resolve) => server.close(resolve));
  return Number(stdout);
}

async function gate(blocked: boolean) {
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onStoreError: "refuse",
    onError: (error) => {
      throw error;
    },
  });
  const range = { scope: "ip-prefix", value: "10.0.0.0/8", until: null, origin: "admin" } as const;
  if (blocked) await guard.decide({ ...range, action: "block" }, Date.now());
  return guardMiddleware({
    guard,
    clientIp: (c) => c.req.header("x-client") ?? "192.0.2.1",
    door: () => "sign-in",
  });
}
