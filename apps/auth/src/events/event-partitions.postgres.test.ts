// The days of security events on PostgreSQL: made ahead by any number of processes, and no event is lost for the lack of one.

import type { SecurityEvent } from "@fluxstudio/guard";
import { createLogger } from "@fluxstudio/telemetry";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import type { Database } from "../database/database.ts";
import { describePostgres } from "../database/test-database.ts";
import { createEventPartitions } from "./event-partitions.ts";
import { createEventStore } from "./event-store.ts";
import { detection, securityEvent } from "./test-event.ts";

const dayMs = 24 * 60 * 60_000;
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const noon = Date.UTC(2026, 10, 25, 12);

describePostgres("security events by day", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  function serve(database: Database, clock = { now: noon }) {
    const lines: string[] = [];
    const logger = createLogger({ level: "warn", stream: { write: (line) => void lines.push(line) } });
    const partitions = createEventPartitions({ database, logger, now: () => clock.now });
    const store = createEventStore(database, { logger });
    onTestFinished(() => store.close().catch(() => {}));
    return { lines, clock, partitions, store };
  }

  /** A database whose days nobody has made yet. */
  async function start() {
    const url = await databases.emptyUrl();
    const database = await databases.migratedAt(url);
    return { url, database, ...serve(database) };
  }

  /** In which table each event and each detection is, behind the table's name. */
  async function places({ kysely }: Database, of: "security_event" | "security_detection") {
    const { rows } = await sql<{ place: string; n: number }>`
      select replace(tableoid::regclass::text, ${`${of}_`}, '') as place, count(*) as n
      from ${sql.table(of)} group by 1 order by 1`.execute(kysely);
    return Object.fromEntries(rows.map(({ place, n }) => [place, n]));
  }

  async function days({ kysely }: Database): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select relid::regclass::text as name from pg_partition_tree('security_event')
      union all select relid::regclass::text from pg_partition_tree('security_detection')
      order by 1`.execute(kysely);
    return rows.map(({ name }) => name).filter((name) => /\d$/.test(name));
  }

  const around = ["20261124", "20261125", "20261126", "20261127", "20261128"];
  const tablesOf = (days: readonly string[]) => [
    ...days.map((day) => `security_detection_${day}`),
    ...days.map((day) => `security_event_${day}`),
  ];

  async function write({ store }: ReturnType<typeof serve>, events: readonly SecurityEvent[]) {
    for (const event of events) void store.write(event);
    await store.flush();
  }

  it("each go into their own table, to the millisecond", async () => {
    const { database, ...server } = await start();
    await server.partitions.makeAhead();
    expect(await days(database)).toEqual(tablesOf(around));
    const midnight = Date.UTC(2026, 10, 26);
    await write(server, [
      securityEvent({ at: midnight - 0.5 }, { detections: [detection] }),
      securityEvent({ at: midnight }, { detections: [detection, detection] }),
      securityEvent({ at: midnight + dayMs - 1 }),
    ]);
    expect(await places(database, "security_event")).toEqual({ 20261125: 1, 20261126: 2 });
    expect(await places(database, "security_detection")).toEqual({ 20261125: 1, 20261126: 2 });
  });

  it("are kept whatever their time, and found in the order of it", async () => {
    const { database, ...server } = await start();
    await server.partitions.makeAhead();
    const times = [0, 1, noon, latestMs];
    await write(server, [
      ...times.map((at) => securityEvent({ at }, { detections: [detection] })),
      securityEvent({ at: noon }, { id: "of another maker" }),
    ]);
    expect(await places(database, "security_event")).toEqual({ 20261125: 1, default: 4 });
    const found = await server.store.list({});
    const ours = found.filter(({ event }) => event.detections.length > 0);
    expect(ours.map(({ event }) => event.at)).toEqual(times.toReversed());
    expect(found).toHaveLength(5);
    expect(await server.store.list({ rule: "brute-force" })).toHaveLength(4);
    for (const { event } of found) expect((await server.store.find(event.id))?.event).toEqual(event);
  });

  it("get their days once a day, by one of many processes that come at the same time while others write", async () => {
    const { url, database } = await start();
    const opened = await Promise.all(Array.from({ length: 6 }, () => databases.open(url)));
    const servers = opened.map((one) => serve(one));
    const writing = servers.map((server, i) =>
      write(
        server,
        Array.from({ length: 300 }, (_, n) =>
          securityEvent({ at: noon + ((n + i) % 4) * dayMs }, { detections: [detection] }),
        ),
      ),
    );
    const reading = servers.map(({ store }) => store.list({ rule: "brute-force" }));
    await Promise.all([...writing, ...reading, ...servers.map(({ partitions }) => partitions.makeAhead())]);
    expect(servers.flatMap(({ lines }) => lines)).toEqual([]);
    expect(await days(database)).toEqual(tablesOf(around));
    const all = (of: "security_event" | "security_detection") =>
      places(database, of).then((found) => Object.values(found).reduce((sum, n) => sum + n, 0));
    expect([await all("security_event"), await all("security_detection")]).toEqual([1_800, 1_800]);
    // The next day, another one.
    for (const { clock } of servers) clock.now += dayMs;
    await Promise.all(servers.map(({ partitions }) => partitions.makeAhead()));
    expect(await days(database)).toEqual(tablesOf([...around, "20261129"]));
  }, 30_000);

  it("fail without the lock when two make the same table, which is why there is one", async () => {
    const { url } = await start();
    const [one, other] = [await databases.open(url), await databases.open(url)];
    const make = sql`create table if not exists security_event_race (id text)`;
    const release = Promise.withResolvers<void>();
    const made = Promise.withResolvers<void>();
    const first = one.kysely.transaction().execute(async (transaction) => {
      await make.execute(transaction);
      made.resolve();
      await release.promise;
    });
    await made.promise;
    const second = make.execute(other.kysely).then(
      () => "made",
      (error: Error) => error.message,
    );
    // It waits for the first one's row in the catalogue: as soon as that is seen, the first one may commit.
    await expect
      .poll(async () => {
        const { rows } = await sql<{ n: number }>`select count(*) as n from pg_locks where not granted
          and pid in (select pid from pg_stat_activity where datname = current_database())`.execute(
          one.kysely,
        );
        return rows[0]?.n;
      })
      .toBe(1);
    release.resolve();
    await first;
    expect(await second).toMatch(/duplicate key value/);
  });

  it("that came before their day's table move into it with their detections", async () => {
    const { database, ...server } = await start();
    const early = securityEvent({ at: noon + dayMs }, { detections: [detection, detection] });
    const later = securityEvent({ at: noon + 30 * dayMs }, { detections: [detection] });
    await write(server, [early, later]);
    expect(await places(database, "security_event")).toEqual({ default: 2 });
    await server.partitions.makeAhead();
    expect(server.lines).toEqual([]);
    expect(await places(database, "security_event")).toEqual({ 20261126: 1, default: 1 });
    expect(await places(database, "security_detection")).toEqual({ 20261126: 2, default: 1 });
    expect((await server.store.find(early.id))?.event).toEqual(JSON.parse(JSON.stringify(early)));
  });

  it("wait in the default table while somebody holds the lock, and move when it is free", async () => {
    const { url, database, ...server } = await start();
    const other = await databases.open(url);
    const release = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const reader = other.kysely.transaction().execute(async (transaction) => {
      await transaction.selectFrom("security_event").selectAll().execute();
      holding.resolve();
      await release.promise;
    });
    await holding.promise;
    await server.partitions.makeAhead();
    expect(server.lines.join("")).toContain("cannot be made yet");
    await write(server, [securityEvent({ at: noon })]);
    expect(await places(database, "security_event")).toEqual({ default: 1 });
    release.resolve();
    await reader;
    await server.partitions.makeAhead();
    expect(await places(database, "security_event")).toEqual({ 20261125: 1 });
  }, 15_000);

  it("of a day can go with its tables: the detections' first", async () => {
    const { database, ...server } = await start();
    await server.partitions.makeAhead();
    await write(server, [
      securityEvent({ at: noon }, { detections: [detection] }),
      securityEvent({ at: noon + dayMs }, { detections: [detection] }),
    ]);
    await database.kysely.transaction().execute(async (transaction) => {
      await sql`drop table security_detection_20261125`.execute(transaction);
      await sql`alter table security_event detach partition security_event_20261125`.execute(transaction);
      await sql`drop table security_event_20261125`.execute(transaction);
    });
    expect(await places(database, "security_event")).toEqual({ 20261126: 1 });
    await write(server, [securityEvent({ at: noon }, { detections: [detection] })]);
    expect(await places(database, "security_detection")).toEqual({ 20261126: 1, default: 1 });
  });
});
