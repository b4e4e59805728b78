// Keeps security events in the database, and finds them again.

import {
  type EventSink,
  ipScopeValue,
  normaliseIp,
  type SecurityEvent,
  type Severity,
  severities,
} from "@fluxstudio/guard";
import type { Database } from "../database/database.ts";
import { daysWithPartitions } from "../database/event-days.ts";
import { isUnstorable } from "../database/unstorable.ts";
import { type Place, type Span, spansOf } from "./day-spans.ts";
import { createEventQueue, type EventQueue, type EventQueueOptions } from "./event-queue.ts";
import { fromEventRow, type StoredEvent, toDetectionRows, toEventRow } from "./event-row.ts";

export type EventStoreOptions = Omit<EventQueueOptions, "store" | "isUnstorable">;

export interface EventQuery {
  /** Events later than the one with this id. With it, the earliest of them are returned, so that nothing is skipped. */
  readonly after?: string | undefined;
  /** Events earlier than the one with this id. */
  readonly before?: string | undefined;
  /** At most this many. @default 100 */
  readonly limit?: number | undefined;
  /** Events that this rule detected or decided. */
  readonly rule?: string | undefined;
  /** An address, or an IPv6 /64 as it is counted. */
  readonly ip?: string | undefined;
  /** Keyed hash, see the guard's `createAccountKey`. */
  readonly account?: string | undefined;
  readonly minSeverity?: Severity | undefined;
}

export interface EventStore extends EventSink {
  write: EventQueue["write"];
  flush(): Promise<void>;
  close(): Promise<void>;
  /**
   * Newest first. An id is a place in time, so it serves as the cursor. Events of the same moments may be stored in
   * another order: who follows the newest ones should ask from a few seconds back, and skip the ids that are known.
   */
  list(query: EventQuery): Promise<StoredEvent[]>;
  find(id: string): Promise<StoredEvent | undefined>;
  status: EventQueue["status"];
}

const largestLimit = 1_000;
/** Detections of one insert; SQLite takes 32,766 parameters. */
const detectionsAtOnce = 1_000;

export function createEventStore(database: Database, options: EventStoreOptions): EventStore {
  const { kysely } = database;
  const queue = createEventQueue({ ...options, store, isUnstorable });

  async function store(events: readonly SecurityEvent[]): Promise<void> {
    const detections = events.flatMap(toDetectionRows);
    await kysely.transaction().execute(async (transaction) => {
      // An answer that got lost makes us try again what has been stored already; then neither is stored twice.
      const { numInsertedOrUpdatedRows = 0n } = await transaction
        .insertInto("security_event")
        .values(events.map(toEventRow))
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows < events.length) {
        const ids = events.map((event) => event.id);
        await transaction.deleteFrom("security_detection").where("event_id", "in", ids).execute();
      }
      for (let start = 0; start < detections.length; start += detectionsAtOnce) {
        const rows = detections.slice(start, start + detectionsAtOnce);
        await transaction.insertInto("security_detection").values(rows).execute();
      }
    });
  }

  async function list(query: EventQuery): Promise<StoredEvent[]> {
    const limit = Math.min(Math.max(1, Math.trunc(query.limit ?? 100)), largestLimit);
    const days = database.dialect === "postgres" ? await daysWithPartitions(kysely) : [];
    const events: StoredEvent[] = [];
    for (const span of spansOf(days, query)) {
      events.push(...(await listWithin(span, { ...query, limit: limit - events.length })));
      if (events.length >= limit) break;
    }
    return query.after === undefined ? events : events.reverse();
  }

  async function listWithin(span: Span, query: EventQuery & { limit: number }): Promise<StoredEvent[]> {
    const { after, rule, ip, account, minSeverity, limit } = query;
    const bounds = boundsOf(span, query);
    let select = kysely
      .selectFrom("security_event")
      .selectAll()
      .orderBy("id", after === undefined ? "desc" : "asc")
      .limit(limit);
    for (const [operator, id] of bounds) select = select.where("id", operator, id);
    if (account !== undefined) select = select.where("account", "=", account);
    if (minSeverity !== undefined) {
      select = select.where("severity", "in", severities.slice(severities.indexOf(minSeverity)));
    }
    if (ip !== undefined) {
      const address = normaliseIp(ip);
      select = select.where("ip_value", "=", address === undefined ? ip : ipScopeValue(address));
      if (address !== undefined) select = select.where("ip", "=", address);
    }
    if (rule !== undefined) {
      let detected = kysely
        .selectFrom("security_detection")
        .select("event_id as id")
        .where("rule", "=", rule);
      let decided = kysely.selectFrom("security_event").select("id").where("rule", "=", rule);
      for (const [operator, id] of bounds) {
        detected = detected.where("event_id", operator, id);
        decided = decided.where("id", operator, id);
      }
      select = select.where("id", "in", detected.union(decided));
    }
    return (await select.execute()).map(fromEventRow);
  }

  return {
    name: `events in ${database.dialect}`,
    write: queue.write,
    flush: queue.flush,
    close: queue.close,
    status: queue.status,
    list,
    async find(id) {
      const row = await kysely
        .selectFrom("security_event")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row && fromEventRow(row);
    },
  };
}

function boundsOf({ from, until }: Span, { after, before }: Place): (readonly [">" | "<" | ">=", string])[] {
  const bounds = [
    [">", after],
    ["<", before],
    [">=", from],
    ["<", until],
  ] as const;
  return bounds.flatMap(([operator, id]) => (id === undefined ? [] : [[operator, id] as const]));
}
