// The partitions of security events on PostgreSQL: one a day (UTC), found by the time that an event's id begins with.

import { uuidv7 } from "@fluxstudio/guard";
import { type Kysely, type QueryExecutorProvider, sql } from "kysely";

const dayMs = 24 * 60 * 60_000;
/** The tables that are divided, in the order in which everybody locks them. */
const tables = ["security_event", "security_detection"] as const;

/** Days since 1970. */
export const dayOf = (at: number): number => Math.floor(at / dayMs);

/** The day that an event's id begins with. */
export const dayOfId = (id: string): number => dayOf(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));

/** `2026-11-25`. */
export const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** The partition of a day, such as `security_event_20261125`. Of days that have one, the year has four digits. */
export function partitionName(table: (typeof tables)[number], day: number): string {
  return `${table}_${dateOf(day).replaceAll("-", "")}`;
}

/** The days that have partitions. */
export async function daysWithPartitions(database: QueryExecutorProvider): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'security_event'::regclass`.execute(database);
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
    return day === undefined ? [] : dayOf(Date.parse(`${year}-${month}-${day}T00:00:00Z`));
  });
}

/**
 * Makes the partitions of a day, which must not be there yet. A migration that was released calls it too: names and bounds are
 * for good.
 */
export async function createDay(database: QueryExecutorProvider, day: number): Promise<void> {
  for (const table of tables) {
    const partition = sql.table(partitionName(table, day));
    const [from, to] = [startOf(day), startOf(day + 1)].map((bound) => sql.lit(bound));
    await sql`create table ${partition} partition of ${sql.table(table)} for values from (${from}) to (${to})`.execute(
      database,
    );
  }
}

/** Whoever reads or writes events waits as long behind whoever waits for them. */
const lockTimeoutMs = 2_000;

/** For the rest of the transaction. */
export async function limitLockWaits(transaction: QueryExecutorProvider): Promise<void> {
  await sql`select set_config('lock_timeout', ${`${lockTimeoutMs}`}, true)`.execute(transaction);
}

/** Takes the tables for a change of their days: whole, and in the order of everybody who writes, so that nobody waits for the other. */
export async function lockDays(transaction: QueryExecutorProvider): Promise<void> {
  for (const table of tables)
    await sql`lock table only ${sql.table(table)} in access exclusive mode`.execute(transaction);
}

/** Deletes a day with all of its events. @throws when the tables are in use for longer than a moment */
export async function dropDay<Tables>(kysely: Kysely<Tables>, day: number): Promise<void> {
  const [events, detections] = tables.map((table) => sql.table(partitionName(table, day)));
  await kysely.transaction().execute(async (transaction) => {
    await limitLockWaits(transaction);
    await lockDays(transaction);
    await sql`drop table ${detections}`.execute(transaction);
    // Looks whether anything still refers to it, so it comes after those that did.
    await sql`alter table security_event detach partition ${events}`.execute(transaction);
    await sql`drop table ${events}`.execute(transaction);
  });
}

/** What every id of the day, and of no earlier one, is equal to or greater than: 48 bits of time (RFC 9562, 5.7). */
export const startOf = (day: number): string => uuidv7(day * dayMs).slice(0, "01234567-89ab".length);
