// The contract of a window store: one verb, atomic for each scope/value, exact under any parallelism.

import type { Scope } from "../scopes.ts";

interface Target {
  readonly scope: Scope;
  readonly value: string;
}

interface TimedTarget extends Target {
  /** Name of the window within the scope/value, e.g. `brute-force.failures`. */
  readonly window: string;
  /** Time of the signal, milliseconds since 1970. A store reads no clock. */
  readonly at: number;
  readonly windowMs: number;
}

/** A shorter window over the entries of a longer one, with a threshold of its own: a pace and a sustained pace in one count. */
export interface Burst {
  readonly windowMs: number;
  /** For `reserve`: the places in it. At most the operation's `limit`. */
  readonly threshold: number;
}

/**
 * A wait that grows: once `threshold` entries lay within `windowMs`, the next one is possible `waitMs` after the newest, and
 * each one more doubles the wait, up to `longestWaitMs`. It ends when the entries that brought it about stop counting.
 */
export interface Backoff {
  readonly threshold: number;
  readonly windowMs: number;
  readonly waitMs: number;
  readonly longestWaitMs: number;
}

/** Of a window also what lies within this shorter time. */
export interface Length {
  readonly window: string;
  readonly windowMs: number;
}

/**
 * What entries with the same tag, or, where there is none, those without one, have of a window. For `reserve`: the places that
 * they may take. For `count`: thresholds of their own.
 */
export interface PerTag {
  readonly limit: number;
  /** Within the operation's burst. */
  readonly burstThreshold: number;
}

/**
 * A count that does not slide: entries one after the other since the row was last ended. It outlives the window's entries: a
 * row as long as its threshold is kept for `keepMs` after its newest entry, a shorter one for that share of it. Whoever lets
 * rows run out on purpose so gets no more than `threshold` entries in `keepMs`, and an account that was tried once leaves
 * nothing for a year.
 */
export interface Row {
  /** For `reserve`: the places in it. */
  readonly threshold: number;
  readonly keepMs: number;
}

/**
 * What a rule asks of a store. Every window is sliding: its time is the latest `at` it has seen, and an entry made at `t`
 * counts while that time is below `t + windowMs`. A signal that arrives late is put where it belongs; one that is older
 * than the whole window is not counted. Counts are exact up to `limit` and stay at `limit` above it.
 */
export type WindowOperation =
  /** Adds the signal `id` (again: nothing is added), or one that has no id. `tag` names what `clear` can take out again. */
  | (TimedTarget & {
      readonly kind: "count";
      readonly limit: number;
      readonly threshold: number;
      readonly burst?: Burst | undefined;
      readonly backoff?: Backoff | undefined;
      readonly row?: Row | undefined;
      readonly perTag?: PerTag | undefined;
      readonly id?: string | undefined;
      readonly tag?: string | undefined;
    })
  /** Takes one of `limit` places for `id`; when none is free, here, in the burst, for its tag or in the row, or before a wait is over, nothing is added. */
  | (TimedTarget & {
      readonly kind: "reserve";
      readonly limit: number;
      readonly burst?: Burst | undefined;
      readonly backoff?: Backoff | undefined;
      readonly row?: Row | undefined;
      readonly perTag?: PerTag | undefined;
      readonly id?: string | undefined;
      readonly tag?: string | undefined;
    })
  /** Counts distinct members; the newest `limit` members are kept. */
  | (TimedTarget & {
      readonly kind: "distinct";
      readonly limit: number;
      readonly threshold: number;
      readonly member: string;
      /** Which of its times a member counts by: `latest` keeps a busy one, `first` lets it be new again after `windowMs`. */
      readonly since: "first" | "latest";
    })
  /** Remembers the newest `limit` entries; answers with those that were there before. */
  | (TimedTarget & { readonly kind: "recent"; readonly limit: number; readonly entry: string })
  /** Gives the place of `id` back. Without an id, a place is kept until it stops counting. */
  | (Target & { readonly kind: "release"; readonly window: string; readonly id: string })
  /** Takes out the entries with this `tag`; without a tag everything; without a window, in all of them, and the score. */
  | (Target & { readonly kind: "clear"; readonly window?: string; readonly tag?: string })
  /** Ends the window's row; its entries stay. */
  | (Target & { readonly kind: "end-row"; readonly window: string })
  /**
   * Moves the score of the scope/value: 0 to 100, 50 as long as nothing has moved it, and on its way back to 50 with time. Of
   * one tag each further move down is half of the one before, among those that are remembered. A move up is the share of
   * `points` that is left between the score and 100, and none without a tag, for a tag that has moved it up on the same day
   * (UTC), after `mostADay` others have, and within `holdMs` after a move down.
   */
  | (Target & {
      readonly kind: "score";
      readonly at: number;
      /** Below 0: down. */
      readonly points: number;
      /** What moves it, at most 64 characters. */
      readonly by: string;
      readonly tag?: string | undefined;
      readonly halfLifeMs: number;
      readonly mostADay: number;
      readonly holdMs: number;
    })
  /**
   * Changes nothing; answers with every window of the scope/value that still counts something at `at`, before it its shorter
   * `lengths`, as asked, behind it its row; and with the score. With a `tag`, only entries that have it.
   */
  | (Target & {
      readonly kind: "peek";
      readonly at: number;
      readonly lengths?: readonly Length[];
      readonly tag?: string;
    });

export interface WindowResult {
  /** Entries in the window after the operation, at most `limit`. */
  readonly count: number;
  /** Whether the operation added something; for `reserve`, whether `id` has a place. */
  readonly admitted: boolean;
  /** `count`, `distinct`: the threshold is reached, and had not been during the last `windowMs`. */
  readonly crossed: boolean;
  /** Time of the oldest entry that counts; undefined when there is none. */
  readonly oldestAt: number | undefined;
  /** `count`, `reserve` with a burst: entries in it after the operation, and whether its own threshold was crossed. */
  readonly burst?: PartResult | undefined;
  /** `count`, `reserve` with a row: the same. */
  readonly row?: PartResult | undefined;
  /** `count`, `reserve` with shares: that of the operation's tag. */
  readonly share?: ShareResult | undefined;
  /** `count`, `reserve` with a backoff: when the wait after the newest entry ends; undefined when there is none. */
  readonly freeAt?: number | undefined;
  /** `count`, `reserve`, `score`: where the score of the scope/value stands; undefined: nothing has moved it. */
  readonly score?: number | undefined;
  /** `recent`: the entries before this one, newest first. */
  readonly entries?: readonly WindowEntry[];
  /** `peek`: what is counted. */
  readonly windows?: readonly WindowState[];
  /** `peek`: the score, and what has moved it; absent when nothing has. */
  readonly scored?: ScoreState | undefined;
}

export interface ScoreState {
  readonly score: number;
  /** The last ten, newest first. Moves up of one day are one. */
  readonly moves: readonly ScoreMove[];
}

export interface ScoreMove {
  /** Of several that are one, the last. */
  readonly at: number;
  readonly by: string;
  readonly points: number;
  readonly times: number;
}

export interface PartResult {
  readonly count: number;
  readonly crossed: boolean;
}

export interface ShareResult {
  /** Entries with the tag in the window, and of these in the burst, after the operation. */
  readonly count: number;
  readonly inBurst: number;
  /** `count`: whether the operation's entry is the one with which a threshold of the share is reached. */
  readonly crossed: boolean;
}

export interface WindowEntry {
  readonly at: number;
  readonly entry: string;
}

export interface WindowState {
  readonly window: string;
  readonly count: number;
  readonly windowMs: number;
  readonly oldestAt: number;
  /** When the last entry stops counting. */
  readonly emptyAt: number;
}

export interface WindowStore {
  /** One word for the start-up line and `flux doctor`, e.g. `memory`. */
  readonly name: string;
  /**
   * Carries out the operations in order and answers each in the same place. Atomic for each scope/value.
   * A store that needs no waiting answers at once instead of with a promise.
   */
  observe(operations: readonly WindowOperation[]): readonly WindowResult[] | Promise<readonly WindowResult[]>;
  /** Windows of this process alone, for when this store cannot be asked. Without any, rules refuse what they would count there. */
  readonly insurance?: WindowStore;
  close?(): Promise<void>;
}
