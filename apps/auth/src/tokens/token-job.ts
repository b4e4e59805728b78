// Deletes tokens that are good no more.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { deleteOld } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";
import { familyIdleMs } from "./refresh-families.ts";

/** A token that is over stands in no list; this is for whoever looks for it in the database. */
const operatorTokenKeptMs = 30 * 24 * 60 * 60_000;

export function createTokenJob({
  database: { kysely },
}: {
  readonly database: Pick<Database, "kysely">;
}): Job {
  return {
    name: "tokens",
    description:
      "Deletes refresh tokens that nobody used for 30 days, and operator tokens that are long over.",
    schedule: "11 2 * * *",
    async run(context) {
      await deleteOld(context, "families", {
        ...{ kysely, table: "refresh_family" },
        isOld: sql`used_at <= ${context.now - familyIdleMs}`,
      });
      await deleteOld(context, "operatorTokens", {
        ...{ kysely, table: "operator_token" },
        isOld: sql`expires_at is not null and expires_at <= ${context.now - operatorTokenKeptMs}`,
      });
    },
  };
}
