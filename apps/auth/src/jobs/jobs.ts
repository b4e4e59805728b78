// The scheduler: looks which jobs are due, and runs those that no other process runs.

import type { JobEntry, JobRun } from "@fluxstudio/admin-api";
import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import { type Job, JobStopped } from "./job.ts";
import {
  createJobLeases,
  isFree,
  isLeftBehind,
  isWanted,
  type JobRow,
  type RunReason,
} from "./job-leases.ts";
import { createJobRunner } from "./job-run.ts";
import { nextAfter } from "./job-schedule.ts";

export interface JobsOptions {
  readonly jobs: readonly Job[];
  readonly database: Pick<Database, "kysely" | "dialect">;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How often the table is looked at. @default 15_000 */
  readonly pollMs?: number;
  /** How long after the last word of a process its job is another one's. @default 60_000 */
  readonly leaseMs?: number;
  /** How long a job stands aside after each batch. @default 25 */
  readonly pauseMs?: number;
  /** When a job that failed is tried again, unless its schedule comes first. @default 900_000 */
  readonly retryMs?: number;
}

export interface Jobs {
  /** Runs from now on what is due: at once what came due while no process ran, once each. */
  start(): Promise<void>;
  /** In the order in which they were given. */
  list(): Promise<JobEntry[]>;
  /** Begins a run now, whenever it is due. @returns its beginning, or why there is none */
  run(name: string, options: { readonly dryRun: boolean }): Promise<JobRun | "unknown" | "running">;
  /** Resolves when nothing that this process began is running. */
  idle(): Promise<void>;
  /** Stops what runs at its next batch. */
  close(): Promise<void>;
}

/** More would be a burden to those who wait for the same database; those that are due for the longest time come first. */
const mostAtOnce = 2;

/** @throws Error when a schedule is none, or two jobs have one name */
export function createJobs(options: JobsOptions): Jobs {
  const {
    database,
    logger,
    now,
    pollMs = 15_000,
    leaseMs = 60_000,
    pauseMs = 25,
    retryMs = 900_000,
  } = options;
  const jobs = new Map(options.jobs.map((job) => [job.name, job]));
  if (jobs.size < options.jobs.length) throw new Error("Two jobs have the same name.");
  for (const { schedule } of jobs.values()) nextAfter(schedule, now());
  const leases = createJobLeases({ database, now, leaseMs });
  const execute = createJobRunner({ leases, logger, leaseMs, pauseMs, retryMs });
  const closing = new AbortController();
  const running = new Map<string, Promise<void>>();
  let registered: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isFailing = false;

  async function register(): Promise<void> {
    registered ??= leases.register([...jobs.values()]);
    try {
      await registered;
    } catch (error) {
      registered = undefined;
      throw error;
    }
  }

  async function begin(job: Job, reason: RunReason): Promise<JobRun | undefined> {
    if (running.has(job.name) || closing.signal.aborted) return undefined;
    const run = await leases.claim(job.name, job.schedule, reason);
    if (!run) return undefined;
    const ended = execute(job, run, closing.signal).finally(() => {
      // The next run of it may have begun in the moment between.
      if (running.get(job.name) === ended) running.delete(job.name);
    });
    running.set(job.name, ended);
    // Another may be waiting for its place.
    if (reason === "due") void ended.then(look);
    return run;
  }

  function look(): Promise<void> {
    looking ??= beginDue().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function beginDue(): Promise<void> {
    try {
      await register();
      const { rows, now: at } = await leases.rows();
      const wanted = rows.filter((row) => isWanted(row, at)).sort((one, other) => one.due_at - other.due_at);
      for (const { name } of wanted) {
        const job = jobs.get(name);
        if (job && running.size < mostAtOnce) await begin(job, "due");
      }
      if (isFailing) logger.info("The jobs are looked at again");
      isFailing = false;
    } catch (error) {
      if (!isFailing && !closing.signal.aborted)
        logger.error({ err: error }, "The jobs cannot be looked at; trying again");
      isFailing = true;
    }
  }

  async function idle(): Promise<void> {
    while (looking || running.size > 0) await Promise.all([looking, ...running.values()]);
  }

  return {
    async start() {
      timer ??= setInterval(look, pollMs).unref();
      await look();
    },

    async list() {
      await register();
      const { rows, now: at } = await leases.rows();
      const found = new Map(rows.map((row) => [row.name, row]));
      return [...jobs.values()].flatMap((job) => {
        const row = found.get(job.name);
        return row ? [entryOf(job, row, at)] : [];
      });
    },

    async run(name, { dryRun }) {
      const job = jobs.get(name);
      if (!job) return "unknown";
      await register();
      return (await begin(job, dryRun ? "dry-run" : "asked")) ?? "running";
    },

    idle,

    async close() {
      clearInterval(timer);
      closing.abort(new JobStopped("closing"));
      await idle();
    },
  };
}

function entryOf({ name, description, schedule }: Job, row: JobRow, at: number): JobEntry {
  const parsed = (text: string | null): JobRun | undefined => (text === null ? undefined : JSON.parse(text));
  const begun = parsed(row.running);
  const isRunning = !isFree(row, at);
  // Nobody was left to put its end on record.
  const interrupted: JobRun | undefined =
    begun && !isRunning && !begun.dryRun ? { ...begun, run: row.run, outcome: "interrupted" } : undefined;
  return {
    ...{ name, description, schedule },
    nextRunAt: !isRunning && isLeftBehind(row) ? at : row.due_at,
    running: isRunning && begun ? { ...begun, run: row.run } : undefined,
    last: interrupted ?? parsed(row.last),
    lastDryRun: parsed(row.last_dry_run),
  };
}
