// Security events of a database from before the days: all of them are there after the migration, each in its day.

import { type Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { expect, it } from "vitest";
import { toDetectionRows, toEventRow } from "../events/event-row.ts";
import { createEventStore } from "../events/event-store.ts";
import { detection, securityEvent } from "../events/test-event.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { security } from "./migrations/0001-security.ts";
import { mail } from "./migrations/0002-mail.ts";
import { tokens } from "./migrations/0003-tokens.ts";
import { devices } from "./migrations/0004-devices.ts";
import { describePostgres } from "./test-database.ts";

const dayMs = 24 * 60 * 60_000;
const noon = Date.UTC(2026, 10, 25, 12);
const earlier = {
  "0001-security": security,
  "0002-mail": mail,
  "0003-tokens": tokens,
  "0004-devices": devices,
};

/** As the release before left it. */
async function migrateAsBefore({ kysely }: Pick<Database, "kysely">): Promise<void> {
  const migrator = new Migrator({
    db: kysely,
    provider: { getMigrations: async () => earlier },
    migrationTableName: "flux_migration",
    migrationLockTableName: "flux_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

const places = async (kysely: Kysely<never>) => {
  const { rows } = await sql<{ place: string; n: number }>`
    select tableoid::regclass::text as place, count(*) as n from security_event group by 1 order by 1`.execute(
    kysely,
  );
  return rows.map(({ place, n }) => `${place} ${n}`);
};

describePostgres("the migration to days", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("moves every event and detection, in more than one piece, and they are found as before", async () => {
    const database = await databases.open(await databases.emptyUrl());
    const { kysely } = database;
    await migrateAsBefore(database);
    const few = [
      securityEvent({ at: 0 }, { detections: [detection] }),
      securityEvent({ at: noon - dayMs, ip: "2001:db8::1" }, { detections: [detection, detection] }),
      securityEvent({ at: noon, account: "somebody" }),
    ];
    await kysely.insertInto("security_event").values(few.map(toEventRow)).execute();
    await kysely.insertInto("security_detection").values(few.flatMap(toDetectionRows)).execute();
    // 45,000 more, of one day.
    const one = toEventRow(securityEvent({ at: noon + dayMs }));
    await sql`insert into security_event
      select overlay(${one.id} placing lpad(to_hex(n), 12, '0') from 25 for 12), ${one.at}::bigint, 3002, 1, 'x', 'low',
        'failure', '192.0.2.1', '192.0.2.1', null, null, null, 0, ${one.data}
      from generate_series(1, 45000) n`.execute(kysely);
    await migrate(database);
    expect(await places(kysely as never)).toEqual([
      "security_event_19700101 1",
      "security_event_20261124 1",
      "security_event_20261125 1",
      "security_event_20261126 45000",
    ]);
    const { rows } = await sql<{ n: number }>`select count(*) as n from security_detection`.execute(kysely);
    expect(rows).toEqual([{ n: 3 }]);
    const left = (await kysely.introspection.getTables()).map(({ name }) => name);
    expect(left.filter((name) => name.includes("before"))).toEqual([]);
    const store = createEventStore(database, { logger: { info() {}, warn() {}, error() {} } });
    for (const event of few) {
      expect((await store.find(event.id))?.event).toEqual(JSON.parse(JSON.stringify(event)));
    }
    expect(await store.list({ rule: "brute-force" })).toHaveLength(2);
    expect(await store.list({ ip: "2001:db8::1" })).toHaveLength(1);
    expect(await store.list({ account: "somebody" })).toHaveLength(1);
  }, 30_000);

  it("goes on with the events of a server of the release before, which still runs", async () => {
    const url = await databases.emptyUrl();
    const [old, database] = [await databases.open(url), await databases.open(url)];
    await migrateAsBefore(old);
    const logger = { info() {}, warn() {}, error() {} };
    const store = createEventStore(old, { logger });
    const writing = Array.from({ length: 500 }, (_, i) =>
      store.write(securityEvent({ at: noon + i }, { detections: [detection] })),
    );
    await migrate(database);
    await Promise.all(writing);
    void store.write(securityEvent({ at: noon }, { detections: [detection] }));
    await store.close();
    const { rows } = await sql<{ events: number; detections: number }>`select
      (select count(*) from security_event) as events, (select count(*) from security_detection) as detections`.execute(
      database.kysely,
    );
    expect(rows).toEqual([{ events: 501, detections: 501 }]);
  }, 30_000);
});
