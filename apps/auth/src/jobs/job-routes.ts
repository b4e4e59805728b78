// Jobs in the admin API: what they are, what came of them, and running one now.

import { type JobList, newJobRun } from "@fluxstudio/admin-api";
import { Hono } from "hono";
import type { Feeds } from "../feeds/feeds.ts";
import type { Jobs } from "./jobs.ts";

export interface JobRoutesOptions {
  readonly jobs: Pick<Jobs, "list" | "run">;
  readonly feeds: Pick<Feeds, "status">;
}

/** For operators; whoever mounts it has let them in. */
export function createJobRoutes({ jobs, feeds }: JobRoutesOptions): Hono {
  const routes = new Hono();
  routes.get("/", async (c) => {
    const answer: JobList = { jobs: await jobs.list(), feeds: feeds.status() };
    return c.json(answer);
  });
  routes.post("/:name/run", async (c) => {
    const asked = newJobRun.safeParse(await bodyOf(c.req.raw));
    // A mistyped dry run must not be taken for a real one.
    if (!asked.success) return c.json({ code: "INVALID", message: 'Send {}, or {"dryRun":true}.' }, 400);
    const begun = await jobs.run(c.req.param("name"), asked.data);
    if (begun === "unknown") {
      return c.json({ code: "NOT_FOUND", message: "No job has this name; flux jobs list shows them." }, 404);
    }
    if (begun === "running") {
      const message = "It is running, here or in another process; flux jobs list shows how far it is.";
      return c.json({ code: "JOB_RUNNING", message }, 409);
    }
    return c.json(begun, 202);
  });
  return routes;
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
