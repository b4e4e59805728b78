// Looks every few seconds for what other processes have stored, whether or not they could tell of it.

import type { Decision, DecisionStore } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import { fromRow } from "./decision-row.ts";

export interface DecisionPollOptions {
  readonly database: Database;
  /** What is new is added here, and removed here. It may have it already. */
  readonly mirror: Pick<DecisionStore, "add" | "remove">;
  readonly logger: Pick<Logger, "info" | "error">;
  readonly now: () => number;
  readonly pollMs: number;
}

/** Clocks of processes may differ by half a minute, and a statement takes some seconds at most. */
const overlapMs = 60_000;
const readAtOnce = 1_000;

/** Begins with what is stored from now on. */
export function pollDecisions({ database, mirror, logger, now, pollMs }: DecisionPollOptions) {
  const { kysely } = database;
  let since = now() - overlapMs;
  /** What has been taken in and lies in the overlap, so that the next look finds it again; whether it was removed. */
  let seen: ReadonlyMap<string, boolean> = new Map();
  let isFailing = false;
  let isClosed = false;
  let timer = setTimeout(look, pollMs).unref();

  function look(): void {
    void takeNew()
      .then(succeeded, failed)
      .finally(() => {
        if (!isClosed) timer = setTimeout(look, pollMs).unref();
      });
  }

  async function takeNew(): Promise<void> {
    const startedAt = now();
    const changed = await kysely
      .selectFrom("decision")
      .select(["id", "removed_at"])
      .where(({ eb, or }) => or([eb("stored_at", ">=", since), eb("removed_at", ">=", since)]))
      .execute();
    const found = new Map(changed.map(({ id, removed_at: removedAt }) => [id, removedAt !== null]));
    const unseen = changed.filter(({ id }) => seen.get(id) !== found.get(id));
    for (const { id, removed_at: removedAt } of unseen)
      if (removedAt !== null) void mirror.remove(id, removedAt).catch(isSentAgain);
    const added = unseen.filter((row) => row.removed_at === null).map(({ id }) => id);
    for (let i = 0; i < added.length; i += readAtOnce)
      for (const decision of await read(added.slice(i, i + readAtOnce)))
        void mirror.add(decision).catch(isSentAgain);
    seen = found;
    since = startedAt - overlapMs;
  }

  async function read(ids: readonly string[]): Promise<readonly Decision[]> {
    const rows = await kysely
      .selectFrom("decision")
      .selectAll()
      .where("id", "in", ids)
      .where("removed_at", "is", null)
      .orderBy("created_at")
      .execute();
    return rows.map(fromRow);
  }

  function succeeded(): void {
    if (isFailing) logger.info("Decisions of other processes are read again");
    isFailing = false;
  }

  function failed(error: unknown): void {
    if (!isFailing && !isClosed)
      logger.error({ err: error }, "Decisions of other processes cannot be read; trying again");
    isFailing = true;
  }

  return {
    close(): void {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** It is in force here; that others are not told yet is the mirror's to mend. */
const isSentAgain = (): void => {};
