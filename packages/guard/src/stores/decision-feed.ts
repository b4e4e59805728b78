// Follows the changes that others make: message by message, and anew from where it was when one is missing.

import type { DecisionChange, DecisionPage, ToldChanges } from "./redis-decision-scripts.ts";

export interface DecisionFeedOptions {
  /** A page of the changes after this one; 0 is before the first. */
  readonly read: (position: number) => Promise<DecisionPage>;
  readonly apply: (change: DecisionChange) => void;
  /** Hands in what is held here and is not among those: ids of decisions, ids of removals. */
  readonly handIn: (there: Held) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface Held {
  readonly decisions: ReadonlySet<string>;
  readonly removals: ReadonlySet<string>;
}

export interface DecisionFeed {
  /** Resolves when everything that was there has been taken in for the first time. */
  readonly ready: Promise<void>;
  take(message: ToldChanges): void;
  /** Asks for what may have been missed. */
  catchUp(): void;
  /** Compares everything, at the next opportunity: something of here may be missing there. */
  compare(): void;
  close(): void;
}

const retryMs = 1_000;

export function createDecisionFeed({ read, apply, handIn, onError }: DecisionFeedOptions): DecisionFeed {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  /** The number of the latest change up to which nothing is missing here. */
  let position = 0;
  let mustCompare = true;
  /** The highest number that a message had while everything was being caught up with. */
  let heardOf = 0;
  let isCatchingUp = false;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function catchUp(): void {
    isWanted = true;
    if (!isCatchingUp && !isClosed) void follow();
  }

  async function follow(): Promise<void> {
    clearTimeout(timer);
    isCatchingUp = true;
    try {
      while (isWanted || mustCompare || heardOf > position) {
        isWanted = false;
        heardOf = 0;
        await readOn();
        isReady();
      }
    } catch (error) {
      onError(error);
      if (!isClosed) timer = setTimeout(catchUp, retryMs).unref();
    } finally {
      isCatchingUp = false;
    }
  }

  async function readOn(): Promise<void> {
    const wasAsked = mustCompare;
    mustCompare = false;
    try {
      let page = await read(wasAsked ? 0 : position);
      const isComparing = wasAsked || !page.isKnown;
      if (isComparing && page.before !== 0) page = await read(0);
      const there = { decisions: new Set<string>(), removals: new Set<string>() };
      for (; ; page = await read(page.upTo)) {
        for (const change of page.changes) {
          apply(change);
          if (change.kind === "add") there.decisions.add(change.decision.id);
          else there.removals.add(change.id);
        }
        if (page.isLast) break;
      }
      if (isComparing) await handIn(there);
      position = page.upTo;
    } catch (error) {
      mustCompare ||= wasAsked;
      throw error;
    }
  }

  return {
    ready,
    take({ before, upTo, changes }) {
      // Also what is old or comes too early: a change says the same whenever it is heard.
      for (const change of changes) apply(change);
      if (isCatchingUp) heardOf = Math.max(heardOf, upTo);
      else if (before === position) position = upTo;
      else if (upTo > position) catchUp();
    },
    catchUp,
    compare() {
      mustCompare = true;
      catchUp();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
