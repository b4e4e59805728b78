// Lets one request at a time change what an account's second factor consists of.

import { sql, type Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/**
 * Runs `run` in a transaction while nobody else runs anything under the lock of this user. On PostgreSQL a condition over other
 * rows is not enough: two statements at once see each other's rows as they were. SQLite has one writer at a time anyway.
 */
export async function withUserLock<Result>(
  { kysely, dialect }: Pick<Database, "kysely" | "dialect">,
  userId: string,
  run: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return kysely.transaction().execute(async (transaction) => {
    if (dialect === "postgres") {
      await sql`select id from "user" where id = ${userId} for update`.execute(transaction);
    }
    return run(transaction);
  });
}
