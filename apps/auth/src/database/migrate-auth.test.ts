// Better Auth's tables: looked at when the schema may be another, and not at every start.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { startTestApp } from "../test-app.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { describeDatabases } from "./test-database.ts";

const index = sql.ref("verification_identifier_idx");

describeDatabases("Better Auth's tables", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("are left alone by a start that finds them as it wants them, without a lock", async () => {
    const databaseUrl = await databases.url();
    const { database } = await startTestApp({ databaseUrl });
    await withMigrationLock(database, () => startTestApp({ databaseUrl }));
  });

  it("are looked at by a start that wants others: what was missing is there after", async () => {
    const databaseUrl = await databases.emptyUrl();
    const { kysely } = (await startTestApp({ databaseUrl })).database;
    const applied = () => kysely.selectFrom("auth_schema").selectAll().execute();
    const before = await applied();
    await sql`drop table verification`.execute(kysely);
    await kysely.updateTable("auth_schema").set({ fingerprint: "of an older release" }).execute();
    await startTestApp({ databaseUrl });
    expect(await applied()).toEqual(before);
    await expect(sql`create index ${index} on verification (identifier)`.execute(kysely)).rejects.toThrow(
      /exists/,
    );
  });
});
