// Events of many days are found on a server that has not the locks for all of their tables at once.

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { createDay, dayOf } from "../../apps/auth/src/database/event-days.ts";
import { migrate } from "../../apps/auth/src/database/migrate.ts";
import { openPostgres } from "../../apps/auth/src/database/postgres.ts";
import { createEventStore } from "../../apps/auth/src/events/event-store.ts";
import { detection, securityEvent } from "../../apps/auth/src/events/test-event.ts";
import { postgresProgram, startPostgres } from "../../tools/test-services/postgres-server.ts";
import type { TestServer } from "../../tools/test-services/server-process.ts";
import { provide } from "../../tools/test-services/system-program.ts";

const days = 200;
const dayMs = 24 * 60 * 60_000;
const noon = Date.UTC(2026, 10, 25, 12);

let server: TestServer;
beforeAll(async () => {
  const [initdb = ""] = provide([postgresProgram]);
  // What 64 of them, the default, are for some years.
  server = await startPostgres(initdb, [
    "max_connections=6",
    "max_wal_senders=0",
    "max_locks_per_transaction=20",
  ]);
});
afterAll(() => server.stop());

it("the latest, those after and before one, and the few that match", async () => {
  const database = await openPostgres(server.url, { poolSize: 1 });
  onTestFinished(() => database.close());
  await migrate(database);
  for (let ago = 0; ago < days; ago++) await createDay(database.kysely, dayOf(noon) - ago);
  const store = createEventStore(database, { logger: { info() {}, warn() {}, error() {} } });
  // Before the first day and behind the last one, too.
  const events = [300, 190, 100, 1, 0, -9].map((ago) =>
    securityEvent(
      { at: noon - ago * dayMs, ip: ago === 190 ? "2001:db8::1" : "192.0.2.1" },
      { detections: ago === 100 ? [{ ...detection, severity: "critical" }] : [] },
    ),
  );
  for (const event of events) void store.write(event);
  await store.close();

  const all = database.kysely.selectFrom("security_event").selectAll().orderBy("id", "desc").limit(1);
  await expect(all.execute()).rejects.toThrow(/out of shared memory/);

  const agoOf = async (query: Parameters<typeof store.list>[0]) =>
    (await store.list(query)).map(({ event }) => Math.round((noon - event.signal.at) / dayMs));
  expect(await agoOf({})).toEqual([-9, 0, 1, 100, 190, 300]);
  expect(await agoOf({ limit: 4 })).toEqual([-9, 0, 1, 100]);
  expect(await agoOf({ after: events[1]?.id ?? "", limit: 3 })).toEqual([0, 1, 100]);
  expect(await agoOf({ before: events[3]?.id ?? "" })).toEqual([100, 190, 300]);
  expect(await agoOf({ ip: "2001:db8::1" })).toEqual([190]);
  expect(await agoOf({ rule: detection.rule })).toEqual([100]);
  expect(await agoOf({ minSeverity: "high" })).toEqual([100]);
});
