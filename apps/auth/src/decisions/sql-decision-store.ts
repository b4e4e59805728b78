// Decisions that survive a restart: looked up in a mirror, kept in the database, and taken over from other processes there.

import { setImmediate as nextTurn } from "node:timers/promises";
import {
  createMemoryDecisionStore,
  type Decision,
  type DecisionStore,
  offenceMemoryMs,
} from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import { isUnstorable } from "../database/unstorable.ts";
import { createWriteQueue } from "../database/write-queue.ts";
import { pollDecisions } from "./decision-poll.ts";
import { fromRow, toRow } from "./decision-row.ts";

export interface SqlDecisionStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Decisions by rules that are held in memory and loaded at most, and as many by feeds. @default 100_000 */
  readonly maxDecisions?: number;
  /** Where they are looked up. One that is shared tells other processes at once. @default memory, for `maxDecisions` */
  readonly mirror?: DecisionStore;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** How long after a failed write the next try is made. @default 1_000 */
  readonly retryMs?: number;
  /** How often the database is asked for what other processes have decided. @default 2_000 */
  readonly pollMs?: number;
}

/** A decision that is not stored yet waits; there are about as many as the memory holds. */
const maxQueued = 100_000;
const loadedAtOnce = 1_000;
/** SQLite takes 32,766 parameters, and each decision has eleven. */
const batchSize = 1_000;

/**
 * Loads what is in force, and the blocks that still make the next one longer; from then on every change is made in the
 * mirror at once and in the database as soon as it works. A change is acknowledged when the database has it. Other processes
 * know it from the mirror, if that is shared, and from the database within `pollMs` in any case.
 */
export async function createSqlDecisionStore(
  database: Database,
  options: SqlDecisionStoreOptions,
): Promise<DecisionStore> {
  const { now, maxDecisions = 100_000, logger, retryMs = 1_000, pollMs = 2_000 } = options;
  const { mirror = createMemoryDecisionStore({ maxDecisions }) } = options;
  const { kysely } = database;
  const poll = pollDecisions({ database, mirror, logger, now, pollMs });
  let loaded = 0;
  for (const decision of await load(database, now(), maxDecisions)) {
    void mirror.add(decision).catch(isSentAgain);
    // A mirror that is shared sends some of them meanwhile.
    if (++loaded % loadedAtOnce === 0) await nextTurn();
  }

  async function store(made: readonly Decision[]): Promise<void> {
    await kysely
      .insertInto("decision")
      .values(made.map((decision) => toRow(decision, now())))
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
    ...mirror,
    name: `decisions in ${database.dialect}`,

    async add(decision) {
      // In force at once, also when the database fails: an attacker does not get in because a disk is full.
      void mirror.add(decision).catch(isSentAgain);
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
      const removed = mirror.remove(id, removedAt).catch(isSentAgain);
      return row ? fromRow(row) : removed;
    },

    async close() {
      poll.close();
      try {
        await queue.close();
      } finally {
        await mirror.close?.();
      }
    },
  };
}

/** In force here it is; that others are not told yet is the mirror's to mend. */
const isSentAgain = (): undefined => undefined;

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
