// The middlewares of a guarded route that is logged, counted, and whose events are written, and of the same without all that.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryWindowStore, type Guard } from "@fluxstudio/guard";
import { guardMiddleware } from "@fluxstudio/guard/hono";
import {
  addProcessMetrics,
  createActivity,
  createGuardMetrics,
  createLogger,
  createMetrics,
  createRequests,
} from "@fluxstudio/telemetry";
import type { MiddlewareHandler } from "hono";
import { openDatabase } from "../apps/auth/src/database/database.ts";
import { migrate } from "../apps/auth/src/database/migrate.ts";
import { createAlertLog } from "../apps/auth/src/events/alert-log.ts";
import { createEventStore } from "../apps/auth/src/events/event-store.ts";
import { measuredRequests } from "../apps/auth/src/monitoring/measured-requests.ts";
import { createRouteLabels } from "../apps/auth/src/monitoring/route-labels.ts";
import { createRecordedPath } from "../apps/auth/src/recorded-path.ts";
import { benchGuard } from "./bench-guard.ts";

/**
 * One request in so many signs somebody in, which is an event. At ten thousand requests a second that is more than two cores
 * can look at passwords.
 */
const signInEvery = 100;
const clientIp = (c: { req: { header(name: string): string | undefined } }) =>
  c.req.header("x-client") ?? "192.0.2.1";

/** All off. */
export const quietRoute = (): MiddlewareHandler[] => guarded(benchGuard());

/**
 * All on, as in flux-auth: lines to standard output, events in an SQLite file.
 * @param linesPerSecond @default as flux-auth by default, which sums up what is more
 */
export async function observedRoute(linesPerSecond?: number): Promise<MiddlewareHandler[]> {
  const logger = createLogger({ level: "info" });
  const directory = mkdtempSync(join(tmpdir(), "flux-bench-"));
  process.on("exit", () => rmSync(directory, { recursive: true }));
  const database = await openDatabase(`sqlite:${join(directory, "events.db")}`);
  await migrate(database);
  const metrics = createMetrics();
  addProcessMetrics(metrics);
  const activity = createActivity();
  const measured = createGuardMetrics(metrics, activity);
  const events = createEventStore(database, { logger });
  const guard = benchGuard({
    windows: measured.windows(createMemoryWindowStore()),
    sinks: [createAlertLog(logger), events, measured.sink],
  });
  const routes = [{ method: "GET", path: "/" }];
  const recordedPath = createRecordedPath(() => routes.map(({ path }) => path));
  const outermost = measuredRequests({
    requests: createRequests({ metrics, activity, logger, ...(linesPerSecond && { linesPerSecond }) }),
    labelOf: createRouteLabels(() => routes, recordedPath),
    ...{ clientIp, recordedPath },
  });
  return [outermost, ...guarded(measured.guard(guard, Date.now))];
}

/** Every request asks a credential door, which costs most. */
function guarded(guard: Guard): MiddlewareHandler[] {
  let asked = 0;
  const signIn: MiddlewareHandler = async (c, next) => {
    if (++asked % signInEvery === 0) {
      const account = `account-${asked % 1_000}`;
      await guard.record({ type: "sign-in-success", at: Date.now(), ip: clientIp(c), account });
    }
    return next();
  };
  return [guardMiddleware({ guard, clientIp, door: () => "sign-in" }), signIn];
}
