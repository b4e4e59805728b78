// A database from before an index, with rows that the index forbids: the server says which ones, and starts when they are gone.

import { sql } from "kysely";
import { expect, it } from "vitest";
import { isTaken } from "../database/taken.ts";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createTestClient } from "./test-clients.ts";
import { newPasskey, register } from "./test-passkey-ceremonies.ts";

const indexOf = {
  account: "account_providerId_accountId_uidx",
  passkey: "passkey_credentialID_uidx",
};

describeDatabases("rows that are twins", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it.each(["account", "passkey"] as const)(
    "in %s stop a start with a sentence that names them, until they are gone",
    async (name) => {
      const databaseUrl = await databases.emptyUrl();
      const flux = await startTestApp({ databaseUrl });
      const owner = createTestClient(flux, "192.0.2.1");
      await owner.post("/sign-up/email", {
        name: "Ada",
        email: "ada@example.com",
        password: "correct horse battery",
      });
      expect((await register(owner, newPasskey())).status).toBe(200);
      const { kysely } = flux.database;
      const table = sql.table(name);
      await sql`drop index ${sql.ref(indexOf[name])}`.execute(kysely);
      await kysely.updateTable("auth_schema").set({ fingerprint: "of an older release" }).execute();
      await sql`create table twin as select * from ${table}`.execute(kysely);
      await sql`update twin set id = 'twin'`.execute(kysely);
      const addTwin = () => sql`insert into ${table} select * from twin`.execute(kysely);
      await addTwin();
      await expect(startTestApp({ databaseUrl })).rejects.toThrow(
        new RegExp(`^Table ${name} has rows with the same .* delete the others .*\\btwin\\b`),
      );
      await sql`delete from ${table} where id = 'twin'`.execute(kysely);
      await startTestApp({ databaseUrl });
      await expect(addTwin()).rejects.toSatisfy(isTaken);
    },
  );
});
