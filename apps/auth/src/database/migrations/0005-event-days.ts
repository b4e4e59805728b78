// Security events by day on PostgreSQL, so that old ones can go with a table and not row by row. SQLite keeps its tables.

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { createDay } from "../event-days.ts";

export const eventDays: Migration = { up };

/** Rows that one statement moves, as the server may have a limit of its own for how long one takes. */
const movedAtOnce = 20_000;
/** Of more days with events, the oldest ones stay in the default partition. */
const mostDays = 400;

/**
 * An id begins with the time of its event, so it serves as the partition's key, too: it stays unique by itself, an event is
 * found by its id in one partition, and the latest events are those of the last partitions. "C" compares bytes, as SQLite
 * does; the order of another collation is the operating system's, and may change with it.
 *
 * PostgreSQL runs all of it in one transaction: a process that dies here has done nothing.
 */
async function up(kysely: Kysely<never>): Promise<void> {
  for (const step of setAside) await sql.raw(step).execute(kysely);
  for (const step of tables) await sql.raw(step).execute(kysely);
  for (const day of await daysWithEvents(kysely)) await createDay(kysely, day);
  for (let last: string | undefined = ""; last !== undefined; ) last = await moveAfter(kysely, last);
  await sql`drop table security_detection_before, security_event_before`.execute(kysely);
}

const setAside = [
  "alter table security_event rename to security_event_before",
  "alter table security_event_before rename constraint security_event_pkey to security_event_before_pkey",
  "alter table security_detection rename to security_detection_before",
  "alter index security_detection_event rename to security_detection_before_event",
  "drop index security_event_at, security_event_ip, security_event_account, security_event_rule, security_detection_rule, security_detection_value",
];

const eventColumns =
  "id, at, class_uid, activity_id, owasp, severity, status, ip, ip_value, account, rule, action, refusals, data";
const detectionColumns = "event_id, at, rule, scope, value, severity, mode";

const tables = [
  `create table security_event (
    id text collate "C" primary key,
    at bigint not null,
    class_uid integer not null,
    activity_id integer not null,
    owasp text not null,
    severity text not null,
    status text not null,
    ip text not null,
    ip_value text not null,
    account text,
    rule text,
    action text,
    refusals integer not null,
    data text not null
  ) partition by range (id)`,
  "create table security_event_default partition of security_event default",
  // To drop a day: its partition here first, then detach and drop the one of security_event.
  `create table security_detection (
    event_id text collate "C" not null references security_event (id) on delete cascade,
    at bigint not null,
    rule text not null,
    scope text not null,
    value text not null,
    severity text not null,
    mode text not null
  ) partition by range (event_id)`,
  "create table security_detection_default partition of security_detection default",
  // None over the time alone, which the id holds: a query over many days locks every index of every day.
  "create index security_event_ip on security_event (ip_value, id)",
  "create index security_event_account on security_event (account, id)",
  "create index security_event_rule on security_event (rule, id)",
  // For whoever looks for the few that matter among all.
  "create index security_event_severe on security_event (id) where severity in ('medium', 'high', 'critical')",
  "create index security_detection_event on security_detection (event_id)",
  "create index security_detection_rule on security_detection (rule, event_id)",
  "create index security_detection_value on security_detection (scope, value, event_id)",
];

async function daysWithEvents(kysely: Kysely<never>): Promise<number[]> {
  const { rows } = await sql<{ day: number }>`
    select distinct at / 86400000 as day from security_event_before order by day desc limit ${mostDays}`.execute(
    kysely,
  );
  return rows.map(({ day }) => day);
}

/** @returns the id of the last event that was moved; undefined when it was the last one of all */
async function moveAfter(kysely: Kysely<never>, last: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from security_event_before where id > ${last} order by id offset ${movedAtOnce - 1} limit 1`.execute(
    kysely,
  );
  const until = rows[0]?.id;
  const range = (column: string) =>
    until === undefined
      ? sql`${sql.ref(column)} > ${last}`
      : sql`${sql.ref(column)} > ${last} and ${sql.ref(column)} <= ${until}`;
  await sql`insert into security_event select ${sql.raw(eventColumns)} from security_event_before
    where ${range("id")}`.execute(kysely);
  await sql`insert into security_detection select ${sql.raw(detectionColumns)} from security_detection_before
    where ${range("event_id")}`.execute(kysely);
  return until;
}
