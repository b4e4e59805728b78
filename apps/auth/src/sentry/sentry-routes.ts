// Reports to Sentry in the admin API: a test of the way there.

import type { SentryTestReport } from "@fluxstudio/admin-api";
import type { ErrorReports } from "@fluxstudio/telemetry";
import { Hono } from "hono";

export interface SentryRoutesOptions {
  readonly reports: Pick<ErrorReports, "test">;
}

/** For operators; whoever mounts it has let them in. */
export function createSentryRoutes({ reports }: SentryRoutesOptions): Hono {
  const routes = new Hono();
  routes.post("/test", async (c) => {
    const answer: SentryTestReport = { result: await reports.test?.() };
    return c.json(answer);
  });
  return routes;
}
