// Decisions shared through Redis or Valkey: looked up in this process's mirror, told to all others, and handed in again to a
// server that has lost them.

import { type Decision, isActive } from "../decision.ts";
import { GuardError } from "../errors.ts";
import { createDecisionFeed, type Held } from "./decision-feed.ts";
import { createDecisionOutbox } from "./decision-outbox.ts";
import type { DecisionStore } from "./decision-store.ts";
import { createMemoryDecisionStore, type MemoryDecisionStoreOptions } from "./memory-decision-store.ts";
import { type RedisConnection, refuseMissingConnection } from "./redis-connection.ts";
import {
  type DecisionChange,
  decideCall,
  decisionKeys,
  readDecided,
  readMessage,
  readSince,
  sinceCall,
} from "./redis-decision-scripts.ts";

export interface RedisDecisionStoreOptions extends MemoryDecisionStoreOptions {
  /** It stays open when the store is closed. One store for each connection and prefix: a channel has one listener. */
  readonly connection: RedisConnection;
  /** Begins every key, so that several systems can share a server. @default "flux" */
  readonly prefix?: string;
  /** Told, once for each reason, of what no caller is told: a change that waits, a resync that failed. Must not throw. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds since 1970; may differ from other processes' by half a minute. @default Date.now */
  readonly now?: () => number;
  /** How often this process asks for what it may have missed without noticing. @default 60_000 */
  readonly resyncMs?: number;
}

/**
 * A change is in force in this process at once. `add` and `remove` resolve when Redis has it; when they reject it is in force
 * all the same, waits, and is sent as soon as Redis takes it. What has been removed does not come back from elsewhere.
 */
export interface RedisDecisionStore extends DecisionStore {
  /** Resolves when what others have decided holds here too, for the first time. Never rejects. */
  readonly ready: Promise<void>;
}

const pageSize = 500;
const handedInAtOnce = 100;
/** Beside the decisions of rules and feeds there are removals, and those of admins. */
const placesForOthers = 10_000;

/** @throws GuardError `INVALID_OPTIONS` */
export function createRedisDecisionStore(options: RedisDecisionStoreOptions): RedisDecisionStore {
  refuseMissingConnection(options);
  if (typeof options.onError !== "function") {
    throw new GuardError("INVALID_OPTIONS", "`onError` must be a function: it is told what no caller is.");
  }
  const { connection, prefix = "flux", maxDecisions = 100_000 } = options;
  const { onError, now = Date.now, resyncMs = 60_000 } = options;
  const memory = createMemoryDecisionStore({ maxDecisions });
  const keys = decisionKeys(prefix, connection.database);
  const limit = 2 * maxDecisions + placesForOthers;
  const reported = new Set<string>();
  let isClosed = false;

  async function deliver(changes: readonly DecisionChange[]): Promise<readonly (Decision | undefined)[]> {
    const [reply] = await connection.run([decideCall(keys, changes, { limit, now: now() })]);
    reported.clear();
    return readDecided(reply);
  }

  const outbox = createDecisionOutbox({ deliver, onError: report, onOverflow: () => feed.compare() });
  const feed = createDecisionFeed({
    read: async (position) => {
      const [reply] = await connection.run([sinceCall(keys, position, pageSize)]);
      return readSince(reply, position, pageSize);
    },
    apply: (change) => {
      if (change.kind === "add") memory.mirror(change.decision, now());
      else void memory.remove(change.id, now());
    },
    handIn,
    onError: report,
  });

  async function handIn(there: Held): Promise<void> {
    const changes: DecisionChange[] = [];
    for (const [id, decision] of memory.removed)
      if (!there.removals.has(id)) changes.push({ kind: "remove", id, decision });
    // In the order of their making.
    for (const decision of memory.list(now()).toReversed())
      if (!there.decisions.has(decision.id)) changes.push({ kind: "add", decision });
    for (let i = 0; i < changes.length; i += handedInAtOnce)
      await deliver(changes.slice(i, i + handedInAtOnce));
  }

  function report(error: unknown): void {
    // That there is no connection, and why, is told by the connection itself.
    if (error instanceof GuardError && error.code === "STORE_UNAVAILABLE" && error.cause === undefined)
      return;
    const reason = String(error);
    if (reported.has(reason)) return;
    reported.add(reason);
    onError(error);
  }

  const timer = setInterval(feed.catchUp, resyncMs).unref();
  const subscribed = connection.subscribe(keys.channel, {
    onOpen() {
      if (isClosed) return;
      outbox.retry();
      feed.catchUp();
    },
    onMessage(text) {
      if (isClosed) return;
      const message = readMessage(text);
      if (message) feed.take(message);
    },
  });
  subscribed.catch(report);

  return {
    find: memory.find,
    findPrefix: memory.findPrefix,
    list: memory.list,
    offences: memory.offences,
    name: `decisions in ${connection.name}`,
    ready: feed.ready,
    async add(decision) {
      if (memory.mirror(decision, now())) await outbox.send({ kind: "add", decision });
    },
    async remove(id, at) {
      const known = await memory.remove(id, at);
      const found = await outbox.send({ kind: "remove", id, decision: known });
      return known ?? (found && isActive(found, at) ? found : undefined);
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      feed.close();
      await outbox.close();
    },
  };
}
