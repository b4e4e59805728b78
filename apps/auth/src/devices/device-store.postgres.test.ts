// Sign-ins of one account at the same time, in several processes: one of them is the first.

import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { describePostgres } from "../database/test-database.ts";
import { program, startTestApp } from "../test-app.ts";
import { createDeviceStore, type DeviceRow } from "./device-store.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

describePostgres("devices of one account", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("that come at the same time are not all its first, so that the owner hears of the others", async () => {
    const databaseUrl = await databases.url();
    const { ask, database } = await startTestApp({ databaseUrl });
    await ask(
      "/api/auth/signup",
      { method: "POST", headers: program, body: JSON.stringify(ada) },
      "192.0.2.1",
    );
    const { kysely } = database;
    const row = await kysely.selectFrom("device").selectAll().executeTakeFirstOrThrow();
    await kysely.deleteFrom("device").execute();

    // Each can look, and none can write, until both are there.
    const blocking = await kysely.startTransaction().execute();
    onTestFinished(async () => {
      if (!blocking.isCommitted) await blocking.rollback().execute();
    });
    await sql`lock table device in share mode`.execute(blocking);
    const add = async (id: string): Promise<boolean> => {
      const device: DeviceRow = { ...row, id };
      return createDeviceStore(await databases.open(databaseUrl)).add(device);
    };
    const adding = Promise.all([add("one"), add("other")]);
    await expect
      .poll(async () => {
        const { rows } = await sql`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(kysely);
        return rows.length;
      })
      .toBe(2);
    await blocking.commit().execute();
    expect((await adding).sort()).toEqual([false, true]);
  });
});
