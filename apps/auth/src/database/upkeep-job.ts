// The upkeep of an SQLite file: gives back what is free, shortens its log, and renews what the planner knows. PostgreSQL does this by itself.

import { type RawBuilder, sql } from "kysely";
import type { Job } from "../jobs/job.ts";
import type { Database } from "./database.ts";

/** A megabyte, as pages usually are: a few milliseconds. */
const pagesAtOnce = 256;

export function createUpkeepJob({
  database: { kysely },
}: {
  readonly database: Pick<Database, "kysely">;
}): Job {
  async function number(query: RawBuilder<Record<string, number>>): Promise<number> {
    const { rows } = await query.execute(kysely);
    return Object.values(rows[0] ?? {})[0] ?? 0;
  }
  const freePages = () => number(sql`pragma freelist_count`);

  return {
    name: "upkeep",
    description: "Shrinks the SQLite file by what was deleted, empties its log, and renews its statistics.",
    // After the jobs that delete.
    schedule: "7 4 * * *",
    async run({ dryRun, progress }) {
      // 2: incremental. A file that was made before it was asked for keeps its free pages, and uses them again.
      const shrinks = (await number(sql`pragma auto_vacuum`)) === 2;
      let free = shrinks ? await freePages() : 0;
      await progress({ pages: dryRun ? free : 0 });
      if (dryRun) return;
      for (let before = free + 1; free > 0 && free < before; ) {
        before = free;
        await sql`pragma incremental_vacuum(${sql.lit(Math.min(free, pagesAtOnce))})`.execute(kysely);
        free = await freePages();
        await progress({ pages: before - free });
      }
      // Looks at no more than it has to, https://www.sqlite.org/pragma.html#pragma_optimize
      await sql`pragma analysis_limit = 400`.execute(kysely);
      await sql`pragma optimize`.execute(kysely);
      await progress({});
      // Waits for nobody: with readers or writers in the way it does what it can.
      await sql`pragma wal_checkpoint(passive)`.execute(kysely);
    },
  };
}
