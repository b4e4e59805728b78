// Deletes security events when they are old enough: day by day, and after they were archived, where that is asked for.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import {
  dayOf,
  dayOfId,
  daysWithPartitions,
  dropDay,
  partitionName,
  startOf,
} from "../database/event-days.ts";
import { changeOld } from "../jobs/batches.ts";
import type { Job, JobContext } from "../jobs/job.ts";
import type { EventArchive } from "./event-archive.ts";

export interface EventJobOptions {
  readonly database: Pick<Database, "kysely" | "dialect">;
  /** Whole days (UTC) go, so an event is kept up to a day longer. */
  readonly keptMs: number;
  readonly archive?: EventArchive | undefined;
}

export function createEventJob({ database, keptMs, archive }: EventJobOptions): Job {
  const { kysely, dialect } = database;
  const isPostgres = dialect === "postgres";

  /** SQLite has one table; PostgreSQL a table each day, and one for events whose day has none. */
  const rest = isPostgres ? "security_event_default" : "security_event";

  async function firstDay(): Promise<number | undefined> {
    const { rows } = await sql<{ id: string }>`select id from ${sql.table(rest)} order by id limit 1`.execute(
      kysely,
    );
    return rows[0] && dayOfId(rows[0].id);
  }

  async function deleteRows(context: JobContext, end: string): Promise<void> {
    const all = { kysely, table: rest, isOld: sql`true`, before: end };
    await changeOld(context, "events", all, (ids) =>
      kysely.transaction().execute(async (transaction) => {
        const detections = await transaction
          .deleteFrom("security_detection")
          .where("event_id", "in", ids)
          .executeTakeFirst();
        const events = await transaction
          .deleteFrom("security_event")
          .where("id", "in", ids)
          .executeTakeFirst();
        return { events: Number(events.numDeletedRows), detections: Number(detections.numDeletedRows) };
      }),
    );
  }

  /** Costs the same however many events there were. */
  async function dropPartition({ dryRun, progress }: JobContext, day: number): Promise<void> {
    const [events, detections] = [
      await rowsOf("security_event", day),
      await rowsOf("security_detection", day),
    ];
    if (!dryRun) {
      await archive?.add(day, progress);
      await progress({});
      await dropDay(kysely, day);
    }
    await progress({ events, detections });
  }

  async function rowsOf(table: Parameters<typeof partitionName>[0], day: number): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(partitionName(table, day))}`.execute(kysely);
    return rows[0]?.n ?? 0;
  }

  return {
    name: "events",
    description: archive
      ? "Archives security events that are older than EVENT_RETENTION_DAYS in EVENT_ARCHIVE_DIR, and deletes them."
      : "Deletes security events that are older than EVENT_RETENTION_DAYS.",
    schedule: "37 2 * * *",
    async run(context) {
      const { dryRun, now, progress } = context;
      const firstKept = dayOf(now - keptMs);
      await progress({ events: 0, detections: 0 });
      const divided = isPostgres ? await daysWithPartitions(kysely) : [];
      for (const day of divided.filter((one) => one < firstKept).sort((one, other) => one - other))
        await dropPartition(context, day);
      if (dryRun) return deleteRows(context, startOf(firstKept));
      for (let day = await firstDay(); day !== undefined && day < firstKept; day = await firstDay()) {
        await archive?.add(day, progress);
        await deleteRows(context, startOf(day + 1));
      }
    },
  };
}
