// The table of jobs as leases: which process may run what, until when, and whose result counts.

import type { JobRun } from "@fluxstudio/admin-api";
import { type Selectable, sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { JobTable } from "../database/tables.ts";
import { nextAfter } from "./job-schedule.ts";

export interface JobLeasesOptions {
  readonly database: Pick<Database, "kysely" | "dialect">;
  /** Of processes on one SQLite file, who share it; those on PostgreSQL go by its clock. Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a job belongs to a process that says nothing more. */
  readonly leaseMs: number;
}

/** What a run is called for: its schedule, an operator, or an operator's question what it would do. */
export type RunReason = "due" | "asked" | "dry-run";

export type JobRow = Selectable<JobTable>;

export interface JobLeases {
  /** Adds the jobs that are new. One whose schedule was changed is due by the new one. */
  register(jobs: readonly { readonly name: string; readonly schedule: string }[]): Promise<void>;
  rows(): Promise<{ readonly rows: readonly JobRow[]; readonly now: number }>;
  /**
   * Of any number of calls side by side, in whichever processes, one gets the job.
   * @returns the number of the run; undefined when somebody has it, or, for `due`, when it is not due
   */
  claim(name: string, schedule: string, reason: RunReason): Promise<JobRun | undefined>;
  /** Whether the job is still this run's; lasts for another `leaseMs` then. */
  renew(name: string, run: JobRun): Promise<boolean>;
  /** Whether the job is still this run's. */
  holds(name: string, run: JobRun): Promise<boolean>;
  /** Puts the result on record and gives the job free, unless another run has begun. @param retryInMs when it is due again at the latest */
  finish(name: string, run: JobRun, retryInMs?: number): Promise<boolean>;
}

/** A run that ends its process each time is not begun for ever: after these it waits for its next time. */
const mostAttempts = 3;

/** Whether a run is wanted, as far as its row says: it is due, or its last runner is gone. */
export const isWanted = (row: JobRow, now: number): boolean =>
  isFree(row, now) && (row.due_at <= now || isLeftBehind(row));

/** Whoever had begun it has not finished it. */
export const isLeftBehind = ({ attempts }: JobRow): boolean => attempts > 0 && attempts < mostAttempts;
export const isFree = ({ lease_until: until }: JobRow, now: number): boolean =>
  until === null || until <= now;

export function createJobLeases({ database, now, leaseMs }: JobLeasesOptions): JobLeases {
  const { kysely, dialect } = database;
  const clock = () =>
    dialect === "postgres"
      ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
      : sql<number>`${now()}`;

  async function read(): Promise<number> {
    const { rows } = await sql<{ at: number }>`select ${clock()} as at`.execute(kysely);
    return rows[0]?.at as number;
  }

  const held = (name: string, { run }: JobRun) =>
    kysely.updateTable("job").where("name", "=", name).where("run", "=", run);

  return {
    async register(jobs) {
      const at = await read();
      for (const { name, schedule } of jobs) {
        const due_at = nextAfter(schedule, at);
        await kysely
          .insertInto("job")
          .values({ name, schedule, due_at, run: 0, attempts: 0 })
          .onConflict((conflict) =>
            conflict
              .column("name")
              .doUpdateSet({ schedule, due_at })
              // What has been missed is still made up for.
              .where("job.schedule", "<>", schedule)
              .where("job.due_at", ">", at),
          )
          .execute();
      }
    },

    async rows() {
      return { rows: await kysely.selectFrom("job").selectAll().execute(), now: await read() };
    },

    async claim(name, schedule, reason) {
      const startedAt = await read();
      const begun = { startedAt, counts: {}, ...(reason === "dry-run" && { dryRun: true }) };
      const isReal = reason !== "dry-run";
      const row = await kysely
        .updateTable("job")
        .set(({ eb }) => ({
          run: eb("run", "+", 1),
          lease_until: sql<number>`${clock()} + ${sql.lit(leaseMs)}`,
          running: JSON.stringify(begun),
          ...(isReal && {
            // However many times were missed, the next one lies ahead.
            due_at: nextAfter(schedule, startedAt),
            attempts: eb.case().when("due_at", "<=", clock()).then(1).else(sql<number>`attempts + 1`).end(),
          }),
        }))
        .where("name", "=", name)
        .where(({ or, eb }) => or([eb("lease_until", "is", null), eb("lease_until", "<=", clock())]))
        .$if(reason === "due", (query) =>
          query.where(({ or, and, eb }) =>
            or([
              eb("due_at", "<=", clock()),
              and([eb("attempts", ">", 0), eb("attempts", "<", mostAttempts)]),
            ]),
          ),
        )
        .returning("run")
        .executeTakeFirst();
      return row && { run: row.run, ...begun };
    },

    async renew(name, run) {
      const { numUpdatedRows } = await held(name, run)
        .set({ lease_until: sql<number>`${clock()} + ${sql.lit(leaseMs)}`, running: JSON.stringify(run) })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async holds(name, { run }) {
      const row = await kysely.selectFrom("job").select("run").where("name", "=", name).executeTakeFirst();
      return row?.run === run;
    },

    async finish(name, run, retryInMs) {
      const result = JSON.stringify({ ...run, durationMs: (await read()) - run.startedAt });
      const retryAt = retryInMs === undefined ? undefined : sql<number>`${clock()} + ${sql.lit(retryInMs)}`;
      const least = dialect === "postgres" ? "least" : "min";
      const { numUpdatedRows } = await held(name, run)
        .set({
          lease_until: null,
          running: null,
          ...(run.dryRun ? { last_dry_run: result } : { last: result, attempts: 0 }),
          ...(retryAt && { due_at: sql<number>`${sql.raw(least)}(due_at, ${retryAt})` }),
        })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
