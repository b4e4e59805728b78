// What no two rows of Better Auth's tables may share, and the word for whoever has to mend a database that holds such twins.

import type { BetterAuthPlugin } from "better-auth";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";

interface UniqueRows {
  readonly table: string;
  readonly columns: readonly [string, ...string[]];
}

const unique: readonly UniqueRows[] = [
  // One account elsewhere opens one account here, whichever of two first sign-ins is faster.
  { table: "account", columns: ["providerId", "accountId"] },
  // Credential ids are no secret: whoever registers a copy of one must not come between its owner and the right key
  // (WebAuthn, level 3, 7.1, step 26).
  { table: "passkey", columns: ["credentialID"] },
  // Of two rows one would be read, and the backup codes in the other would be worth nothing.
  { table: "twoFactor", columns: ["userId"] },
];

/** The indexes, which Better Auth makes with its tables. */
export function uniqueRows() {
  return {
    id: "flux-unique-rows",
    schema: Object.fromEntries(
      unique.map(({ table, columns }) => [
        table,
        { fields: {}, indexes: [{ fields: columns, unique: true }] },
      ]),
    ),
  } satisfies BetterAuthPlugin;
}

const shownTwins = 5;

/**
 * Which rows an index could not be made over; which of them is the right one, only a person can say.
 * @returns undefined when no rows are twins
 */
export async function describeTwins({ kysely }: Pick<Database, "kysely">): Promise<string | undefined> {
  for (const { table, columns } of unique) {
    const key = sql.join(columns.map((column) => sql.ref(column)));
    const { rows } = await sql<{ ids: string }>`
      select ids from (
        select count(*) as n, string_agg(id, ', ') as ids from ${sql.table(table)} group by ${key}
      ) as groups where n > 1 limit ${shownTwins}`.execute(kysely);
    if (rows.length === 0) continue;
    const groups = rows.map(({ ids }) => `(${ids})`).join(", ");
    return (
      `Table ${table} has rows with the same ${columns.join(" and ")}, which only one row may have. ` +
      `Keep one row of each group, delete the others and start again; the ids are ${groups}` +
      `${rows.length === shownTwins ? ", and perhaps more" : ""}.`
    );
  }
  return undefined;
}
