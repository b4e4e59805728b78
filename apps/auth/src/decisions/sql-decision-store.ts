// Decisions that survive a restart: looked up in memory, kept in the database.

import {
  createMemoryDecisionStore,
  type Decision,
  type DecisionStore,
  offenceMemoryMs,
} from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import type { Insertable, Selectable } from "kysely";
import type { Database } from "../database/database.ts";
import type { DecisionTable } from "../database/tables.ts";
import { isUnstorable } from "../database/unstorable.ts";
import { createWriteQueue } from "../database/write-queue.ts";

export interface SqlDecisionStoreOptions {
  /** The time at which active decisions are loaded, milliseconds since 1970. */
  readonly at: number;
  /** Decisions by rules that are held in memory and loaded at most, and as many by feeds. @default 100_000 */
  readonly maxDecisions?: number;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** How long after a failed write the next try is made. @default 1_000 */
  readonly retryMs?: number;
}

/** A decision that is not stored yet waits; there are about as many as the memory holds. */
const maxQueued = 100_000;
/** SQLite takes 32,766 parameters, and each decision has eleven. */
const batchSize = 1_000;

/**
 * Loads what is in force, and the blocks that still make the next one longer; from then on every change is made in
 * memory and in the database, there as soon as it works. For one process: another one's changes are seen at the next start.
 */
export async function createSqlDecisionStore(
  database: Database,
  { at, maxDecisions = 100_000, logger, retryMs = 1_000 }: SqlDecisionStoreOptions,
): Promise<DecisionStore> {
  const { kysely } = database;
  const memory = createMemoryDecisionStore({ maxDecisions });
  for (const decision of await load(database, at, maxDecisions)) memory.mirror(decision, at);

  async function store(made: readonly Decision[]): Promise<void> {
    await kysely
      .insertInto("decision")
      .values(made.map(toRow))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
  const queue = createWriteQueue<Decision>({
    name: "decisions",
    store,
    isUnstorable,
    isAwaited: () => true,
    placesFor: () => maxQueued,
    logger,
    batchSize,
    retryMs,
  });

  return {
    ...memory,
    name: `decisions in ${database.dialect}`,

    async add(decision) {
      // In force at once, also when the database fails: an attacker does not get in because a disk is full.
      memory.mirror(decision, decision.createdAt);
      await queue.write(decision);
    },

    async remove(id, removedAt) {
      // What still waits to be stored would come back with the next start.
      await queue.flush();
      // First in the database: a decision that comes back with the next start would not be ended.
      const row = await kysely
        .updateTable("decision")
        .set({ removed_at: Math.trunc(removedAt) })
        .where("id", "=", id)
        .where("removed_at", "is", null)
        .returningAll()
        .executeTakeFirst();
      const removed = await memory.remove(id, removedAt);
      return removed ?? (row && fromRow(row));
    },

    close: () => queue.close(),
  };
}

/** In the order of their making, which the counting of offences needs. Of too many, those that end last. */
async function load(database: Database, at: number, maxDecisions: number): Promise<Decision[]> {
  const lasting = database.kysely
    .selectFrom("decision")
    .selectAll()
    .where("removed_at", "is", null)
    .orderBy("until", (order) => order.desc().nullsFirst())
    .orderBy("created_at", "desc")
    .orderBy("id", "desc");
  const inForce = lasting.where(({ eb, or }) => or([eb("until", "is", null), eb("until", ">", at)]));
  const byAdmins = await inForce.where("origin", "=", "admin").execute();
  const byFeeds = await inForce.where("origin", "=", "feed").limit(maxDecisions).execute();
  const byRules = await inForce.where("origin", "=", "rule").limit(maxDecisions).execute();
  const offences = await lasting
    .where("origin", "=", "rule")
    .where("action", "=", "block")
    .where("until", "<=", at)
    .where("until", ">", at - offenceMemoryMs)
    .limit(maxDecisions - byRules.length)
    .execute();
  return [...byAdmins, ...byFeeds, ...byRules, ...offences]
    .sort((one, other) => one.created_at - other.created_at || (one.id < other.id ? -1 : 1))
    .map(fromRow);
}

function toRow(decision: Decision): Insertable<DecisionTable> {
  return {
    id: decision.id,
    action: decision.action,
    scope: decision.scope,
    // PostgreSQL refuses a NUL in text; a device or session id is the client's to choose.
    value: decision.value.replaceAll("\0", "\ufffd"),
    origin: decision.origin,
    rule: decision.rule ?? null,
    reason: decision.reason?.replaceAll("\0", "\ufffd") ?? null,
    event_id: decision.eventId ?? null,
    created_at: Math.trunc(decision.createdAt),
    until: decision.until === null ? null : Math.trunc(decision.until),
    removed_at: null,
  };
}

function fromRow(row: Selectable<DecisionTable>): Decision {
  return {
    id: row.id,
    action: row.action,
    scope: row.scope,
    value: row.value,
    origin: row.origin,
    createdAt: row.created_at,
    until: row.until,
    ...(row.rule === null ? {} : { rule: row.rule }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.event_id === null ? {} : { eventId: row.event_id }),
  };
}
