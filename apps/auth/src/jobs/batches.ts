// Deletes a lot, a little at a time: no statement holds the database for long, and between two of them others have their turn.

import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { JobContext, JobCounts } from "./job.ts";

/** Rows that one statement looks at or deletes: on SQLite, which works on the thread that answers requests, a few milliseconds. */
const rowsAtOnce = 200;

export interface OldRows {
  readonly kysely: Database["kysely"];
  readonly table: string;
  /** What makes a row old. It is asked again when the row is deleted, as it may have been used meanwhile. */
  readonly isOld: RawBuilder<unknown>;
  /** What rows are walked over, if an index that ends with the id is over it. @default all */
  readonly among?: RawBuilder<unknown>;
  /** Rows from this id on are too young to be looked at. */
  readonly before?: string | undefined;
}

type Run = Pick<JobContext, "dryRun" | "progress">;

/** @param kind what the rows are called in the result: `sessions` */
export async function deleteOld(run: Run, kind: string, old: OldRows): Promise<void> {
  await changeOld(run, kind, old, async (ids) => {
    const { kysely, table, isOld } = old;
    const deleted = await sql`
      delete from ${sql.table(table)} where id in (${sql.join(ids)}) and ${isOld}`.execute(kysely);
    return Number(deleted.numAffectedRows ?? 0);
  });
}

/**
 * Walks the table in the order of its ids, so that no index over the condition is needed, and no statement looks at more than
 * `rowsAtOnce` rows. A dry run walks the same way, and counts.
 * @param change does it to these ids, at most `rowsAtOnce`, in one transaction. @returns to how many, or to how many of each kind
 */
export async function changeOld(
  { dryRun, progress }: Run,
  kind: string,
  { kysely, table, isOld, among = sql`true`, before }: OldRows,
  change: (ids: readonly string[]) => Promise<number | JobCounts>,
): Promise<void> {
  await progress({ [kind]: 0 });
  for (let after = ""; ; ) {
    const { rows } = await sql<{ id: string; old: unknown }>`
      select id, (${isOld}) as old from ${sql.table(table)}
      where ${among} and id > ${after} and ${before === undefined ? sql`true` : sql`id < ${before}`}
      order by id limit ${sql.lit(rowsAtOnce)}`.execute(kysely);
    const last = rows.at(-1);
    if (last === undefined) return;
    const ids = rows.filter(({ old }) => old).map(({ id }) => id);
    const changed = ids.length === 0 || dryRun ? ids.length : await change(ids);
    await progress(typeof changed === "number" ? { [kind]: changed } : changed);
    after = last.id;
  }
}
