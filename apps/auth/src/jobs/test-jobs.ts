// Jobs for tests: processes on one database that poll often, and a job that does what the test says.

import { setImmediate as nextTurn } from "node:timers/promises";
import { createLogger } from "@fluxstudio/telemetry";
import { onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import type { Job, JobContext, JobCounts } from "./job.ts";
import { createJobs, type JobsOptions } from "./jobs.ts";

/** A job that runs what it is given. */
export const testJob = (run: (context: JobContext) => Promise<void>, name = "test-job"): Job => ({
  ...{ name, run },
  description: "Does what the test says.",
  schedule: "0 * * * *",
});

/** What one process has, closed after the test. */
export function startJobs(database: Database, options: Partial<JobsOptions> & Pick<JobsOptions, "jobs">) {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", stream: { write: (line) => void lines.push(line) } });
  const jobs = createJobs({ database, logger, now: Date.now, pollMs: 20, pauseMs: 0, ...options });
  onTestFinished(() => jobs.close());
  return { ...jobs, lines };
}

/** As if the job had come due and nobody had run it. */
export async function makeDue({ kysely }: Database, name = "test-job"): Promise<void> {
  await kysely
    .updateTable("job")
    .set({ due_at: Date.now() - 3 * 24 * 3_600_000 })
    .where("name", "=", name)
    .execute();
}

/**
 * One run without a scheduler, at whatever time the test is at.
 * @returns the counts, and the largest that one batch had
 */
export async function runJob(job: Job, { now, dryRun = false }: { now: number; dryRun?: boolean }) {
  const counts: Record<string, number> = {};
  let largest = 0;
  async function progress(done: JobCounts): Promise<void> {
    for (const [kind, count] of Object.entries(done)) {
      counts[kind] = (counts[kind] ?? 0) + count;
      largest = Math.max(largest, count);
    }
    await nextTurn();
  }
  await job.run({ dryRun, now, progress, signal: new AbortController().signal });
  return { counts, largest };
}
