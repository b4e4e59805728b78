// What the guard takes and answers: its options, its outcome, its verbs.

import type { Degraded } from "./breaker.ts";
import type { Place } from "./client/place.ts";
import type { Decision } from "./decision.ts";
import type { Detection } from "./detection.ts";
import type { EventSink } from "./event.ts";
import type { CountedWindow } from "./limits.ts";
import type { IpLists } from "./listed.ts";
import type { ReputationState } from "./reputation.ts";
import type { Rule, RuleSettings } from "./rule.ts";
import type { Scope } from "./scopes.ts";
import type { RuleOverrides } from "./settings.ts";
import type { Signal } from "./signal.ts";
import type { DecisionStore } from "./stores/decision-store.ts";
import type { WindowStore } from "./stores/window-store.ts";

export interface GuardOptions {
  readonly rules: readonly Rule[];
  /** Changes to the rules' defaults, checked at creation. */
  readonly settings?: RuleOverrides;
  readonly windows: WindowStore;
  readonly decisions: DecisionStore;
  /** Time that the window store has for one signal; then each rule does what its `outage` says. @default 50 */
  readonly storeTimeoutMs?: number;
  /** The share of its threshold with which a rule counts in this process alone, while the store is away. @default 0.5 */
  readonly insuranceShare?: number;
  /** Told when the window store is given up for now, and, with undefined, when it is back; must not throw. */
  readonly onDegraded?: (degraded: Degraded | undefined) => void;
  /**
   * Longest time that a request which made a decision waits until the decision and its event are kept. They are rare, so it
   * may be longer; the decision is in force meanwhile, and the writing goes on afterwards. @default 1000
   */
  readonly keepTimeoutMs?: number;
  readonly sinks?: readonly EventSink[];
  /** Addresses that are let in, or refused, whatever is counted; such as `createIpList` of `@fluxstudio/guard/ip-list` makes. */
  readonly lists?: IpLists;
  /**
   * Networks whose addresses have no reputation, besides this machine and private networks: of a proxy that was not declared,
   * everybody seems to have the address.
   */
  readonly withoutReputation?: readonly string[];
  /** Where an address is; without it, rules that need a place are idle. */
  readonly place?: (ip: string) => Place | undefined;
  /** Told of every store and sink that fails, and of a rule that throws; must not throw. */
  readonly onError: (error: unknown, where: string) => void;
  /** Ids of events and decisions. @default UUID version 7 */
  readonly makeId?: (at: number) => string;
}

/** What is to be done with a signal. */
export interface Outcome {
  /** `allow`: go on. Anything else: refuse, in the way that the action names. */
  readonly action: Decision["action"];
  /** Why it is refused; undefined when it is not. */
  readonly reason?: "decision" | "over-limit" | "store-unavailable" | undefined;
  /** When trying again makes sense, milliseconds from the signal's time; 0 when nothing is known. */
  readonly retryAfterMs: number;
  /** The decision in force, or the one that this signal has just brought about. */
  readonly decision?: Decision | undefined;
  readonly detections: readonly Detection[];
  /** The limit that was exceeded, for `over-limit`. */
  readonly limit?:
    | { readonly rule: string; readonly threshold: number; readonly windowMs: number }
    | undefined;
}

export interface RuleState {
  readonly rule: Rule;
  readonly settings: RuleSettings;
  /** Why the rule cannot match anything at present. */
  readonly idle?: string | undefined;
}

export interface Explanation {
  readonly scope: Scope;
  readonly value: string;
  readonly decisions: readonly Decision[];
  /** Earlier blocks by rules that make the next one longer. */
  readonly offences: number;
  /** Of one window the shorter lengths first. */
  readonly windows: readonly CountedWindow[];
  /** Of an `ip`, when the guard has the rule `reputation`. */
  readonly reputation?: ReputationState | undefined;
}

export interface Guard {
  /**
   * The gate, before something happens: decisions in force first, then the rules. `await` it: like its stores, it answers at
   * once where nothing has to be waited for.
   * @throws GuardError `INVALID_SIGNAL`
   */
  check(signal: Signal): Outcome | Promise<Outcome>;
  /**
   * What `check` would say because of a decision in force, without the rules: for a front that answers a flood before anything is
   * done for it. Undefined: no decision refuses it, and nothing was counted; ask `check`.
   */
  refused(signal: Signal): Outcome | undefined;
  /**
   * The record, after it happened: counted whatever is in force, refused never. Answers, and throws, as `check` does.
   */
  record(signal: Signal): Outcome | Promise<Outcome>;
  /** What is counted and decided about one scope/value at a time. */
  explain(scope: Scope, value: string, at: number): Promise<Explanation>;
  /** @throws GuardError `INVALID_ADDRESS`, `INVALID_DECISION` */
  decide(decision: Omit<Decision, "id" | "createdAt">, at: number): Promise<Decision>;
  /** Ends a decision and forgets what was counted about its scope/value, so that the next mistake does not block again. */
  lift(id: string, at: number): Promise<Decision | undefined>;
  decisions(at: number): readonly Decision[];
  rules(): readonly RuleState[];
  /** Why and since when the window store is given up; undefined when it is not. */
  degraded(): Degraded | undefined;
  /**
   * Writes the summed refusals that are due as events, and flushes the sinks. Call it every ten seconds or so: of one decision a sum is
   * due at the first call, then after 2 more, 4 more, up to 16 more, as long as refusals go on.
   */
  flush(): Promise<void>;
  /** Writes all that was summed, and closes stores and sinks. */
  close(): Promise<void>;
}
