// One run of a job under its lease: keeps the lease up, counts what is done, and stops when the lease is lost.

import { setTimeout as wait } from "node:timers/promises";
import type { JobRun } from "@fluxstudio/admin-api";
import type { Logger } from "@fluxstudio/telemetry";
import { type Job, type JobCounts, JobStopped } from "./job.ts";
import type { JobLeases } from "./job-leases.ts";

export interface JobRunnerOptions {
  readonly leases: JobLeases;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  readonly leaseMs: number;
  /** How long a run stands aside after each batch. */
  readonly pauseMs: number;
  /** When a run that failed is tried again, unless its schedule comes first. */
  readonly retryMs: number;
}

/** @returns runs a job whose lease has been claimed; never rejects */
export function createJobRunner(options: JobRunnerOptions) {
  const { leases, logger, leaseMs, pauseMs, retryMs } = options;

  return async function execute(job: Job, begun: JobRun, closing: AbortSignal): Promise<void> {
    const { name } = job;
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, closing]);
    const counts: Record<string, number> = {};
    const sofar = (): JobRun => ({ ...begun, counts });
    let renewedAt = performance.now();

    async function renew(): Promise<void> {
      try {
        if (await leases.renew(name, sofar())) renewedAt = performance.now();
        else lost.abort(new JobStopped("lost"));
      } catch {
        // The database is away, so nothing is done there; when it is back, somebody else may have come first.
        if (performance.now() - renewedAt >= leaseMs) lost.abort(new JobStopped("lost"));
      }
    }

    async function progress(done: JobCounts): Promise<void> {
      for (const [kind, count] of Object.entries(done)) counts[kind] = (counts[kind] ?? 0) + count;
      signal.throwIfAborted();
      await wait(pauseMs);
      signal.throwIfAborted();
      if (!(await leases.holds(name, begun))) throw new JobStopped("lost");
    }

    async function finish(ended: Partial<JobRun>, retryInMs?: number): Promise<void> {
      if (await leases.finish(name, { ...sofar(), ...ended }, retryInMs)) return;
      logger.warn({ job: name }, "The result of a job does not count: another process has run it since");
    }

    const heartbeat = setInterval(renew, leaseMs / 3);
    try {
      await job.run({ dryRun: begun.dryRun === true, signal, now: begun.startedAt, progress });
      await finish({ outcome: "done" });
      if (!begun.dryRun && Object.values(counts).some((count) => count > 0))
        logger.info({ job: name, ...counts }, "A job is done");
    } catch (error) {
      await give(error).catch((cause) =>
        logger.error({ job: name, err: cause }, "The end of a job cannot be noted; it is begun again later"),
      );
    } finally {
      clearInterval(heartbeat);
    }

    async function give(error: unknown): Promise<void> {
      if (error instanceof JobStopped && error.reason === "lost") {
        logger.warn({ job: name }, "A job was stopped: another process has it");
        return;
      }
      // What is not done goes on at once in another process, or with the next start.
      if (error instanceof JobStopped) return finish({ outcome: "stopped" }, 0);
      logger.error({ job: name, err: error }, "A job failed");
      await finish({ outcome: "failed", error: inWords(error) }, retryMs);
    }
  };
}

const longestError = 300;

function inWords(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll("\0", "").slice(0, longestError);
}
