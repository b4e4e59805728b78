// A rule: two pure functions and the facts about it. `observe` lists what to count, `judge` says whether it is wrong.

import type { Action } from "./decision.ts";
import type { Confidence, Evidence, Mode, Severity } from "./detection.ts";
import type { Scope } from "./scopes.ts";
import type { ScopedSignal, SignalType } from "./signal.ts";
import type { WindowOperation, WindowResult } from "./stores/window-store.ts";

/**
 * What an enforced rule does about a detection. `record` takes no decision. A `delay` refuses untrusted clients only, and
 * doubles from `durationMs` up to `longestMs`. What a detection says about a device, or about one account from an address, is answered for
 * these alone, whatever `scope` says.
 */
export type RuleResponse =
  | { readonly action: "record" }
  | { readonly action: "block"; readonly scope: Scope; readonly durationMs: number }
  | {
      readonly action: "delay";
      readonly scope: Scope;
      readonly durationMs: number;
      readonly longestMs: number;
    };

export const outages = ["insurance", "allow", "refuse"] as const;
/**
 * What a rule does while the window store cannot be asked: it counts in this process, with a share of its threshold, because
 * the other processes do so too; it lets everything pass; or what it would count is refused.
 */
export type Outage = (typeof outages)[number];

/** What an operator can change of a rule. */
export interface RuleSettings {
  readonly mode: Mode;
  readonly threshold: number;
  readonly windowMs: number;
  readonly response: RuleResponse;
  /** @default "insurance" */
  readonly outage?: Outage | undefined;
  /** Where the reputation of the address has raised the threshold: the one that goes on holding for each account. */
  readonly accountThreshold?: number | undefined;
}

/** What `judge` found: where, and what was counted. `severity` overrides the rule's own. */
export interface Finding {
  readonly scope: Scope;
  readonly value: string;
  readonly evidence: Evidence;
  readonly severity?: Severity;
}

/** What a rule that responds with a `delay` asks for this time; null: until it is lifted. */
export interface Asked {
  readonly action: "delay" | "step-up";
  readonly until: number | null;
}

export type Judgement =
  /** The threshold is reached, for the first time within the window: worth an event and a decision. */
  | { readonly kind: "detected"; readonly finding: Finding; readonly asked?: Asked }
  /** More than the rule admits: this signal is refused, until `freeAt` (milliseconds since 1970). Nothing new is detected. */
  | {
      readonly kind: "over";
      readonly finding: Finding;
      readonly freeAt: number;
      /** @default "delay" */
      readonly action?: Asked["action"];
    }
  /** What the rule has decided about this scope/value is over, as far as it is one of these. */
  | {
      readonly kind: "lifted";
      readonly scope: Scope;
      readonly value: string;
      readonly actions: readonly Action[];
    };

/** What the count of a window stands against. */
export interface Limit {
  readonly window: string;
  /** The window's length, or that of a shorter pace within it. */
  readonly windowMs: number;
  /** A count that reaches it is detected, or leaves no place. Absent: the entries are looked at, whatever their number. */
  readonly threshold?: number;
}

export interface Rule {
  /** Kebab-case; the file's name. */
  readonly id: string;
  /** One sentence for operators. */
  readonly summary: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly attack?: string;
  readonly owasp: string;
  readonly defaults: RuleSettings;
  readonly listensTo: readonly SignalType[];
  /** Signal types for which the rule needs `signal.place`. */
  readonly needsPlace?: readonly SignalType[];
  /** It counts by address, so that its threshold follows the address's reputation (docs/reputation.md). @default false */
  readonly followsReputation?: boolean;
  /** Every window that `observe` counts in, at each length that `judge` goes by: for whoever asks how near a count is. */
  limits(settings: RuleSettings): readonly Limit[];
  observe(signal: ScopedSignal, settings: RuleSettings): readonly WindowOperation[];
  /** `results` stand in the order of the operations that `observe` listed for the same signal. */
  judge(
    signal: ScopedSignal,
    results: readonly WindowResult[],
    settings: RuleSettings,
  ): Judgement | undefined;
}

/** Counts beyond the threshold by one, so that a rule can tell "reached" from "more than". */
export const limitOf = ({ threshold }: Pick<RuleSettings, "threshold">): number => threshold + 1;
