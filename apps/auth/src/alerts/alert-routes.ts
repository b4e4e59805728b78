// Alerts in the admin API: incidents with what was said of each, and a test of every channel.

import { type AlertList, type AlertTestReport, alertQuery } from "@fluxstudio/admin-api";
import { Hono } from "hono";
import type { Alerts } from "./alerts.ts";

export interface AlertRoutesOptions {
  readonly alerts: Pick<Alerts, "channels" | "list" | "test">;
}

/** For operators; whoever mounts it has let them in. */
export function createAlertRoutes({ alerts }: AlertRoutesOptions): Hono {
  const routes = new Hono();
  routes.get("/", async (c) => {
    const query = alertQuery.safeParse(c.req.query());
    if (!query.success) {
      const message = query.error.issues
        .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
        .join("; ");
      return c.json({ code: "INVALID", message }, 400);
    }
    const answer: AlertList = { channels: alerts.channels, incidents: await alerts.list(query.data) };
    return c.json(answer);
  });
  routes.post("/test", async (c) => {
    const answer: AlertTestReport = { results: await alerts.test() };
    return c.json(answer);
  });
  return routes;
}
