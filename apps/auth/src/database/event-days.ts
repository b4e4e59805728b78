// The partitions of security events on PostgreSQL: one a day (UTC), found by the time that an event's id begins with.

import { uuidv7 } from "@fluxstudio/guard";
import { type QueryExecutorProvider, sql } from "kysely";

const dayMs = 24 * 60 * 60_000;
/** The tables that are divided, in the order in which everybody locks them. */
const tables = ["security_event", "security_detection"] as const;

/** Days since 1970. */
export const dayOf = (at: number): number => Math.floor(at / dayMs);

/** The partition of a day, such as `security_event_20261125`. Of days that have one, the year has four digits. */
export function partitionName(table: (typeof tables)[number], day: number): string {
  return `${table}_${new Date(day * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
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

/** What every id of the day, and of no earlier one, is equal to or greater than: 48 bits of time (RFC 9562, 5.7). */
export const startOf = (day: number): string => uuidv7(day * dayMs).slice(0, "01234567-89ab".length);
