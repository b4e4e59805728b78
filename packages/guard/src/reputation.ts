// The reputation of addresses: what moves a score, which thresholds follow from it, and when it is a reason to block.
//
// Scores are kept in the window store, beside what is counted about the address: whatever is counted there is answered with the
// score, and a success moves it in the same call, so that reputation costs no round trip. This process keeps those scores that
// change a threshold until the next answer; the threshold itself goes with the operation, and is exact.

import { LRUCache } from "lru-cache";
import type { Breaker } from "./breaker.ts";
import { createCidrSet, normaliseIp, readCidr } from "./client/ip-prefix.ts";
import { privateNetworks } from "./client/private-networks.ts";
import type { Decision } from "./decision.ts";
import type { Detection, Mode, Severity } from "./detection.ts";
import { GuardError } from "./errors.ts";
import { createPlan, type Plan } from "./plan.ts";
import { type Found, longestBlockMs } from "./policy.ts";
import type { Rule, RuleSettings } from "./rule.ts";
import { knownDevice, type ScopedSignal } from "./signal.ts";
import type { ScoreMove, ScoreState, WindowOperation, WindowResult } from "./stores/window-store.ts";

/** Points that a detection about an address takes from it; one severity more is about twice as bad. */
export const lostPoints: Readonly<Record<Severity, number>> = {
  informational: 0,
  low: 1,
  medium: 3,
  high: 5,
  critical: 10,
};
/** Points of a success at a score of 0; at 50 it is half of that, and at 100 nothing. */
export const successPoints = 0.2;
/** Different accounts whose successes count on one day. */
const accountsADay = 20;
/** A success says nothing about an address that was caught just before. */
const holdMs = 24 * 60 * 60_000;

const neutral = 50;
const lowBelow = 40;
const highAbove = 60;
/** Addresses kept whose score changes a threshold; what is not kept counts as neutral until the store answers the next time. */
const mostKept = 100_000;

export type ReputationLevel = "blocked" | "low" | "neutral" | "high";

/** What is known about one address, for whoever asks why. */
export interface ReputationState {
  readonly score: number;
  /** `low`: half thresholds. `high`: double ones. `blocked`: below the rule's threshold. */
  readonly level: ReputationLevel;
  readonly mode: Mode;
  /** Why the address has no score: it is private, or the store cannot be asked at present. It is neutral then. */
  readonly unknown?: "private" | "store-unavailable" | undefined;
  /** Newest first. */
  readonly moves: readonly ScoreMove[];
}

export interface Reputation {
  /** The rules, with the thresholds that hold for this client. */
  planFor(signal: ScopedSignal): Plan;
  /** With a success, what it moves. */
  withSuccess(signal: ScopedSignal, operations: readonly WindowOperation[]): readonly WindowOperation[];
  /** Takes in the score that came with an answer. */
  learn(signal: ScopedSignal, operations: readonly WindowOperation[], results: readonly WindowResult[]): void;
  /** Moves the score by what was found; before that stands a finding of its own when little is left of the score. */
  lower(signal: ScopedSignal, found: readonly Found[]): readonly Found[] | Promise<readonly Found[]>;
  forget(value: string): void;
  /** The settings of the rules that hold for an address with this score. */
  settingsFor(state: ReputationState | undefined): ReadonlyMap<string, RuleSettings>;
  /** @param scored what the store says; undefined: nothing has moved it */
  stateOf(value: string, scored: ScoreState | undefined, isAway: boolean): ReputationState | undefined;
}

interface ReputationOptions {
  readonly rules: readonly Rule[];
  readonly settings: ReadonlyMap<string, RuleSettings>;
  readonly plan: Plan;
  readonly breaker: Pick<Breaker, "observe">;
  /** The decision in force about an address. */
  readonly standing: (value: string, at: number) => Decision | undefined;
  /** See `GuardOptions`. */
  readonly withoutReputation?: readonly string[] | undefined;
  readonly onError: (error: unknown, where: string) => void;
}

interface Kept {
  readonly score: number;
  readonly at: number;
}

/** @throws GuardError `INVALID_OPTIONS` */
export function createReputation(options: ReputationOptions): Reputation {
  const { rules, settings, plan, breaker, standing, onError } = options;
  const rule = rules.find(({ id }) => id === "reputation");
  const own = rule && (settings.get(rule.id) ?? rule.defaults);
  const halfLifeMs = own?.windowMs ?? 1;
  const blockedBelow = Math.min(own?.threshold ?? 0, lowBelow);
  const acts = own?.mode === "enforce";
  const exempt = createCidrSet([...privateNetworks, ...(options.withoutReputation ?? [])].map(readNetwork));
  const kept = new LRUCache<string, Kept>({ maxSize: mostKept, sizeCalculation: () => 1 });
  const scaled = {
    low: scale(rules, settings, ({ threshold }) => ({ threshold: Math.ceil(threshold / 2) })),
    high: scale(rules, settings, ({ threshold }) => ({
      threshold: threshold * 2,
      accountThreshold: threshold,
    })),
  };
  const plans = {
    low: createPlan(rules, scaled.low, onError),
    high: createPlan(rules, scaled.high, onError),
  };

  /** 50 + (score - 50) / 2^(age / half-life) */
  function agedTo(at: number, { score, at: since }: Kept): number {
    return at <= since ? score : neutral + (score - neutral) * 2 ** ((since - at) / halfLifeMs);
  }

  function levelOf(score: number): ReputationLevel {
    if (score < blockedBelow) return "blocked";
    return score < lowBelow ? "low" : score > highAbove ? "high" : "neutral";
  }

  function keep(value: string, score: number | undefined, at: number): void {
    if (score !== undefined && levelOf(score) !== "neutral") kept.set(value, { score, at });
    else if (kept.size > 0) kept.delete(value);
  }

  const isExempt = (address: string): boolean => {
    const ip = normaliseIp(address);
    return ip === undefined || exempt(ip);
  };

  function moveOf(signal: ScopedSignal, points: number, by: string): WindowOperation {
    const { ipValue: value, at, account: tag } = signal;
    const mostADay = accountsADay;
    return { kind: "score", scope: "ip", value, at, points, by, tag, halfLifeMs, mostADay, holdMs };
  }

  function judged(signal: ScopedSignal, found: readonly Found[], score: number | undefined) {
    const { ipValue: value, at } = signal;
    if (!rule || !own || score === undefined) return found;
    if (acts) keep(value, score, at);
    if (score >= blockedBelow) return found;
    const backInMs = Math.ceil(halfLifeMs * Math.log2((neutral - score) / (neutral - blockedBelow)));
    const atLeastMs = Math.min(backInMs, longestBlockMs);
    const block = standing(value, at);
    const ends = block?.action === "block" ? (block.until ?? Number.POSITIVE_INFINITY) : 0;
    // Detections of what was under way when the block began do not bring about another one.
    if (ends >= at + atLeastMs || (ends > 0 && block?.rule === rule.id)) return found;
    const detection: Detection = {
      ...{ rule: rule.id, at, scope: "ip", value, mode: own.mode },
      ...{ severity: rule.severity, confidence: rule.confidence, attack: rule.attack, owasp: rule.owasp },
      evidence: {
        count: Math.floor(score),
        threshold: blockedBelow,
        windowMs: halfLifeMs,
        what: "score",
      },
    };
    return [{ detection, atLeastMs }, ...found];
  }

  return {
    planFor(signal) {
      if (kept.size === 0) return plan;
      // A known device is counted by itself, whatever its address has come to.
      const one = knownDevice(signal) === undefined ? kept.get(signal.ipValue) : undefined;
      const level = one ? levelOf(agedTo(signal.at, one)) : "neutral";
      if (level === "neutral") return plan;
      return level === "high" ? plans.high : plans.low;
    },

    withSuccess(signal, operations) {
      if (!rule || signal.type !== "sign-in-success" || signal.account === undefined) return operations;
      return isExempt(signal.ip) ? operations : operations.concat(moveOf(signal, successPoints, signal.type));
    },

    learn({ ipValue, at }, operations, results) {
      if (!acts) return;
      for (let i = 0; i < operations.length; i++) {
        const { kind, scope, value } = operations[i] as WindowOperation;
        const tells = kind === "count" || kind === "reserve" || kind === "score";
        if (tells && scope === "ip" && value === ipValue) return keep(ipValue, results[i]?.score, at);
      }
    },

    lower(signal, found) {
      const worst = rule && worstOf(found, signal.ipValue);
      if (!worst || isExempt(signal.ip)) return found;
      const move = moveOf(signal, -lostPoints[worst.severity], worst.rule);
      const answer = breaker.observe([move], signal.at);
      const go = (results: readonly WindowResult[] | undefined) => judged(signal, found, results?.[0]?.score);
      return answer instanceof Promise ? answer.then(go) : go(answer);
    },

    forget: (value) => void kept.delete(value),

    settingsFor(state) {
      if (!acts || !state || state.level === "neutral") return settings;
      return state.level === "high" ? scaled.high : scaled.low;
    },

    stateOf(value, scored, isAway) {
      if (!own) return undefined;
      const isPrivate = isExempt(value.split("/", 1)[0] as string);
      const unknown = isPrivate ? "private" : isAway ? "store-unavailable" : undefined;
      const { score, moves } = unknown || !scored ? { score: neutral, moves: [] } : scored;
      return { score, level: levelOf(score), mode: own.mode, moves, ...(unknown && { unknown }) };
    },
  };
}

/**
 * The worst of what enforced rules have found about the address itself. What is about an account or a session is not the fault of
 * an address: strangers elsewhere can bring that about for an office they do not like.
 */
function worstOf(found: readonly Found[], value: string): Detection | undefined {
  let worst: Detection | undefined;
  for (const { detection } of found) {
    if (detection.mode !== "enforce" || detection.scope !== "ip" || detection.value !== value) continue;
    const points = lostPoints[detection.severity];
    if (points > (worst ? lostPoints[worst.severity] : 0)) worst = detection;
  }
  return worst;
}

function scale(
  rules: readonly Rule[],
  settings: ReadonlyMap<string, RuleSettings>,
  change: (own: RuleSettings) => Partial<RuleSettings>,
): ReadonlyMap<string, RuleSettings> {
  const following = new Set(rules.filter((rule) => rule.followsReputation).map(({ id }) => id));
  return new Map(
    [...settings].map(([id, own]) => [id, following.has(id) ? { ...own, ...change(own) } : own]),
  );
}

function readNetwork(text: string) {
  const cidr = readCidr(text);
  if (cidr) return cidr;
  throw new GuardError("INVALID_OPTIONS", `withoutReputation: "${text}" is no network such as 10.0.0.0/8.`);
}
