// Makes the partitions of security events ahead of their days, by whichever process comes first.

import type { Logger } from "@fluxstudio/telemetry";
import { type QueryExecutorProvider, sql } from "kysely";
import type { Database } from "../database/database.ts";
import {
  createDay,
  dayOf,
  limitLockWaits,
  lockDays,
  partitionName,
  startOf,
} from "../database/event-days.ts";

export interface EventPartitionsOptions {
  readonly database: Pick<Database, "kysely" | "dialect">;
  readonly logger: Pick<Logger, "warn">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface EventPartitions {
  /**
   * Sees to it that the days around this one have their partitions. To be called often: it does something once a day. Never
   * rejects, as events of a day without one are kept in the default partition.
   */
  makeAhead(): Promise<void>;
}

/** Yesterday, whose last events may still be on their way, and a weekend ahead. */
const daysAround = [-1, 0, 1, 2, 3];
/** "days": PostgreSQL's advisory locks are shared by everything in the database. */
const lockClass = 0x6461_7973;

export function createEventPartitions(options: EventPartitionsOptions): EventPartitions {
  const { logger, now } = options;
  const { kysely, dialect } = options.database;
  let madeFor: number | undefined;
  let making: Promise<void> | undefined;

  async function make(today: number): Promise<void> {
    try {
      for (const around of daysAround) {
        const day = today + around;
        if (day >= 0 && !(await hasDay(kysely, day))) await makeDay(day);
      }
      madeFor = today;
    } catch (error) {
      logger.warn(
        { err: error },
        "The next days' tables for security events cannot be made yet; their events are kept in the default partition",
      );
    }
  }

  async function makeDay(day: number): Promise<void> {
    await kysely.transaction().execute(async (transaction) => {
      await limitLockWaits(transaction);
      // Of two who make the same table at once, one would fail, also with "if not exists".
      await sql`select pg_advisory_xact_lock(${lockClass}::int, 0)`.execute(transaction);
      if (await hasDay(transaction, day)) return;
      // Nothing comes in between.
      await lockDays(transaction);
      await createWithEarlier(transaction, day);
    });
  }

  return {
    async makeAhead() {
      const today = dayOf(now());
      if (dialect !== "postgres" || madeFor === today) return;
      making ??= make(today).finally(() => {
        making = undefined;
      });
      await making;
    },
  };
}

/** Asks the table, which tells what others have committed; `to_regclass` tells what this connection remembers. */
async function hasDay(database: QueryExecutorProvider, day: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'security_event'::regclass and relname = ${partitionName("security_event", day)}`.execute(
    database,
  );
  return rows.length > 0;
}

const within = (column: string, day: number) =>
  sql`${sql.ref(column)} >= ${startOf(day)} and ${sql.ref(column)} < ${startOf(day + 1)}`;

/** A day whose events have come before it (clocks differ) takes them out of the default partition, which would refuse it otherwise. */
async function createWithEarlier(database: QueryExecutorProvider, day: number): Promise<void> {
  const { rows } = await sql`
    select 1 from security_event_default where ${within("id", day)} limit 1`.execute(database);
  if (rows.length === 0) return createDay(database, day);
  await sql`create temp table earlier_event on commit drop as
    select * from security_event_default where ${within("id", day)}`.execute(database);
  await sql`create temp table earlier_detection on commit drop as
    select * from security_detection_default where ${within("event_id", day)}`.execute(database);
  // Their detections go with them.
  await sql`delete from security_event_default where ${within("id", day)}`.execute(database);
  await createDay(database, day);
  await sql`insert into security_event select * from earlier_event`.execute(database);
  await sql`insert into security_detection select * from earlier_detection`.execute(database);
}
