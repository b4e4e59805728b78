// Deletes what Better Auth leaves behind: sessions and one-time links that are over.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { deleteOld } from "./batches.ts";
import type { Job } from "./job.ts";

/** Whoever comes a little late is told that it is over; and clocks differ. */
const keptMs = 24 * 60 * 60_000;

export function createSessionJob({
  database,
}: {
  readonly database: Pick<Database, "kysely" | "dialect">;
}): Job {
  const { kysely, dialect } = database;
  return {
    name: "sessions",
    description: "Deletes sessions, and the traces of mailed links and codes, a day after they are over.",
    schedule: "17 2 * * *",
    async run(context) {
      const at = new Date(context.now - keptMs);
      // Better Auth keeps dates as text in SQLite.
      const isOld = sql`"expiresAt" <= ${dialect === "sqlite" ? at.toISOString() : at}`;
      await deleteOld(context, "sessions", { kysely, table: "session", isOld });
      await deleteOld(context, "verifications", { kysely, table: "verification", isOld });
    },
  };
}
