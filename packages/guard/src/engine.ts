// The guard: a signal goes in, every rule that listens is counted in one store call, detections and a decision come out.
// One file a little above 300 lines on purpose: it is the whole flow, to be read from top to bottom before it is trusted.

import { setImmediate as nextTurn } from "node:timers/promises";
import { createBreaker } from "./breaker.ts";
import { concerns } from "./concerns.ts";
import { type Decision, isTime, outranks } from "./decision.ts";
import type { Detection } from "./detection.ts";
import { GuardError } from "./errors.ts";
import { recordedSignals, type SecurityEvent } from "./event.ts";
import { createEventWriter } from "./event-writer.ts";
import { createExplain } from "./explain.ts";
import type { Guard, GuardOptions, Outcome } from "./guard.ts";
import { createSignalIds, uuidv7 } from "./ids.ts";
import { listed } from "./listed.ts";
import { createOutagePlan } from "./outage.ts";
import { createPlan, type Gathered, judge, type Verdict } from "./plan.ts";
import { decisionFor, type Found, type Proposal, propose } from "./policy.ts";
import { createRefusalSummary, type RefusalSum } from "./refusals.ts";
import { createReputation } from "./reputation.ts";
import type { Finding, Judgement, Rule, RuleSettings } from "./rule.ts";
import { countedUnder, normaliseScopeValue } from "./scope-value.ts";
import type { Scope } from "./scopes.ts";
import { resolveSettings } from "./settings.ts";
import { type ScopedSignal, type Signal, type SignalType, scopeSignal, scopeValue } from "./signal.ts";
import type { WindowOperation, WindowResult } from "./stores/window-store.ts";

type Over = Extract<Judgement, { kind: "over" }>;
type Lifted = Extract<Judgement, { kind: "lifted" }>;

const goOn: Outcome = Object.freeze({ action: "allow", retryAfterMs: 0, detections: [] });
const storeUnavailable: Outcome = Object.freeze({
  action: "delay",
  reason: "store-unavailable",
  retryAfterMs: 1000,
  detections: [],
});
/** What ends an attempt with no failure. */
const endings: ReadonlySet<SignalType> = new Set([
  "sign-in-success",
  "sign-in-abandoned",
  "account-recovered",
]);
/** Of a flood from ten thousand blocked addresses all at once would hold up every request for half a second. */
const sumsInOneTurn = 100;
const decidedScopes: readonly Scope[] = ["ip", "account", "account+ip", "device", "session", "asn", "global"];

/** @throws GuardError `INVALID_OPTIONS`, `INVALID_RULES` */
export function createGuard(options: GuardOptions): Guard {
  refuseMissing(options ?? {});
  const { rules, windows, decisions, onError, onDegraded = () => {}, sinks = [], lists } = options;
  const { storeTimeoutMs = 50, keepTimeoutMs = 1000, insuranceShare = 0.5, makeId = uuidv7 } = options;
  const settings = resolveSettings(rules, options.settings);
  const plan = createPlan(rules, settings, onError);
  const breaker = createBreaker({
    ...{ windows, timeoutMs: storeTimeoutMs, onDegraded },
    onError: (error) => onError(error, "window store"),
  });
  const outage = createOutagePlan({
    ...{ rules, settings, onError, insurance: windows.insurance, share: insuranceShare },
  });
  const reputation = createReputation({
    ...{ rules, settings, plan, breaker, onError, withoutReputation: options.withoutReputation },
    standing: (value, at) => decisions.find("ip", value, at),
  });
  const explain = createExplain({ rules, windows, decisions, lists, breaker, reputation });
  const makeSignalId = createSignalIds();
  const refusals = createRefusalSummary();
  const { eventOf, emit, emitInTime, writeInTime } = createEventWriter({
    sinks,
    onError,
    keepTimeoutMs,
    makeId,
  });

  function complete(input: Signal): ScopedSignal {
    const signal = scopeSignal(input, makeSignalId);
    if (signal.place || !options.place || !plan.needsPlace(signal.type)) return signal;
    return { ...signal, place: options.place(signal.ip) };
  }

  function inForce(signal: ScopedSignal): Decision | undefined {
    const prefix = decisions.findPrefix(signal.ip, signal.at);
    let strongest = prefix && concerns(prefix, signal) ? prefix : undefined;
    for (const scope of decidedScopes) {
      const value = scopeValue(signal, scope);
      const found = value === undefined ? undefined : decisions.find(scope, value, signal.at);
      if (!found || !concerns(found, signal)) continue;
      if (!strongest || outranks(found, strongest)) strongest = found;
    }
    // A feed has the last word, so that it need not be asked after anybody else's.
    if (!lists || (strongest && strongest.origin !== "feed")) return strongest;
    const feed = listed(lists, signal.ip, signal.at);
    if (!feed || !concerns(feed, signal) || (strongest && !outranks(feed, strongest))) return strongest;
    return feed;
  }

  function count(signal: ScopedSignal): Outcome | Promise<Outcome> {
    const gathered = reputation.planFor(signal).gather(signal);
    const operations = reputation.withSuccess(signal, gathered.operations);
    if (operations.length === 0) return conclude(signal, []);
    const answer = breaker.observe(operations, signal.at);
    return answer instanceof Promise
      ? answer.then((results) => answered(signal, gathered, operations, results))
      : answered(signal, gathered, operations, answer);
  }

  function answered(
    signal: ScopedSignal,
    gathered: Gathered,
    operations: readonly WindowOperation[],
    results: readonly WindowResult[] | undefined,
  ): Outcome | Promise<Outcome> {
    if (!results) return countAlone(signal);
    reputation.learn(signal, operations, results);
    if (endings.has(signal.type)) outage.takeOut(signal);
    return conclude(signal, judge(gathered, results));
  }

  function countAlone(signal: ScopedSignal): Outcome | Promise<Outcome> {
    const counted = outage.count(signal);
    if (counted === "refused") return storeUnavailable;
    return counted instanceof Promise
      ? counted.then((verdicts) => conclude(signal, verdicts))
      : conclude(signal, counted);
  }

  function conclude(signal: ScopedSignal, verdicts: readonly Verdict[]): Outcome | Promise<Outcome> {
    let over: Outcome | undefined;
    let lifting: Promise<void> | undefined;
    let found: Found[] | undefined;
    for (const { rule, settings, judgement } of verdicts) {
      if (judgement.kind === "detected") {
        found ??= [];
        found.push({ detection: detect(signal, rule, settings, judgement.finding), asked: judgement.asked });
      } else if (judgement.kind === "lifted") lifting = liftOwn(rule, judgement, signal.at);
      else if (settings.mode === "enforce") over ??= refuse(signal, rule, judgement);
    }
    if (over && signal.type === "sign-in-attempt") void giveBack(signal);
    const outcome = over ?? goOn;
    if (!found) {
      if (sinks.length > 0 && recordedSignals.has(signal.type))
        void emit(eventOf(signal, { detections: [] }));
      return lifting === undefined ? outcome : lifting.then(() => outcome);
    }
    const all = reputation.lower(signal, found);
    const acting = all instanceof Promise ? all.then((them) => act(signal, them)) : act(signal, all);
    return Promise.all([acting, lifting]).then(([acted]) => ({ ...outcome, ...acted }));
  }

  /** Ends what the rule itself has decided. Nearly always that is nothing, and nobody waits. */
  function liftOwn(rule: Rule, { scope, value, actions }: Lifted, at: number): Promise<void> | undefined {
    if (!decisions.find(scope, value, at)) return undefined;
    const own = decisions
      .list(at)
      .filter((one) => one.rule === rule.id && one.scope === scope && one.value === value)
      .filter((one) => one.origin === "rule" && actions.includes(one.action));
    return writeInTime("decision store", async () => {
      await Promise.all(own.map((one) => decisions.remove(one.id, at)));
    });
  }

  /** A refused attempt holds no place, in whichever of its windows it had found one. */
  async function giveBack(signal: ScopedSignal): Promise<void> {
    const back: ScopedSignal = { ...signal, type: "sign-in-abandoned" };
    outage.takeOut(back);
    // Without an answer the refusal stands, and the place is free again when its window ends.
    await breaker.observe(plan.gather(back).operations, signal.at);
  }

  /**
   * Takes the decisions that the detections ask for, and returns them with the foremost. A second one has an event of its own, with the
   * detection that asked for it. All are kept before this resolves, or `keepTimeoutMs` is over.
   */
  async function act(
    signal: ScopedSignal,
    found: readonly Found[],
  ): Promise<Pick<Outcome, "detections" | "decision">> {
    const detections = found.map((one) => one.detection);
    const [first, ...others] = propose(
      found,
      (rule) => settings.get(rule)?.response ?? { action: "record" },
      (scope) => scopeValue(signal, scope),
    );
    const apart = others.map((one) => one.detection);
    const event = eventOf(signal, {
      detections: detections.filter((one) => !apart.includes(one)),
    });
    if (!first) {
      void emit(event);
      return { detections, decision: undefined };
    }
    const [decision] = await Promise.all([
      decideAbout(first, event),
      ...others.map((one) => decideAbout(one, eventOf(signal, { detections: [one.detection] }))),
    ]);
    return { detections, decision };
  }

  async function decideAbout(proposal: Proposal, event: SecurityEvent): Promise<Decision> {
    const offences = decisions.offences(proposal.scope, proposal.value, event.at);
    const decision = decisionFor(proposal, offences, makeId(event.at), event.id);
    await Promise.all([
      writeInTime("decision store", () => decisions.add(decision)),
      emitInTime({ ...event, decision }),
    ]);
    return decision;
  }

  async function write(sums: readonly RefusalSum[]): Promise<void> {
    const written: Promise<unknown>[] = [];
    for (const { signal, decision, count, since } of sums) {
      written.push(emit(eventOf(signal, { detections: [], decision, refusals: { count, since } })));
      // Not awaited here: a sink that hangs must not keep the sums from the others.
      if (written.length % sumsInOneTurn === 0) await nextTurn();
    }
    await Promise.all(written);
    await Promise.all(sinks.map((sink) => sink.flush?.()));
  }

  async function writeAndClose(sums: readonly RefusalSum[]): Promise<void> {
    try {
      await write(sums);
    } finally {
      await Promise.all(sinks.map((sink) => sink.close?.()));
    }
  }

  function refuseFor(signal: ScopedSignal, decision: Decision): Outcome {
    refusals.add(signal, decision);
    const retryAfterMs = decision.until === null ? 0 : decision.until - signal.at;
    return { action: decision.action, reason: "decision", retryAfterMs, decision, detections: [] };
  }

  return {
    check(input) {
      const signal = complete(input);
      const decision = inForce(signal);
      if (!decision) return count(signal);
      if (decision.action === "allow") return exempts(decision) ? { ...goOn, decision } : count(signal);
      if (decision.action !== "lock" || signal.type !== "sign-in-attempt") return refuseFor(signal, decision);
      // A locked account is counted like any other, or side-by-side guesses would tell the two apart.
      const answer = (counted: Outcome) =>
        counted.action === "allow" ? refuseFor(signal, decision) : counted;
      const counted = count(signal);
      return counted instanceof Promise ? counted.then(answer) : answer(counted);
    },

    refused(input) {
      const signal = complete(input);
      const decision = inForce(signal);
      const goesOn = !decision || decision.action === "allow" || decision.action === "lock";
      return goesOn ? undefined : refuseFor(signal, decision);
    },

    record(input) {
      const signal = complete(input);
      const decision = inForce(signal);
      if (!decision || !exempts(decision)) return count(signal);
      if (recordedSignals.has(signal.type)) void emit(eventOf(signal, { detections: [] }));
      return { ...goOn, decision };
    },

    explain,

    async decide(asked, at) {
      const value = normaliseScopeValue(asked.scope, asked.value);
      if (asked.until !== null && !isTime(asked.until)) {
        throw new GuardError("INVALID_DECISION", "`until` must be milliseconds since 1970, or null.");
      }
      const decision: Decision = { ...asked, value, id: makeId(at), createdAt: at };
      await decisions.add(decision);
      return decision;
    },

    async lift(id, at) {
      const lifted = await decisions.remove(id, at);
      if (!lifted) return undefined;
      const clear = [{ kind: "clear", ...countedUnder(lifted.scope, lifted.value) }] as const;
      if (lifted.scope === "ip") reputation.forget(lifted.value);
      await Promise.all([breaker.observe(clear, at), windows.insurance?.observe(clear)]);
      return lifted;
    },

    decisions: (at) => decisions.list(at),

    degraded: () => breaker.degraded(),

    rules: () =>
      rules.map((rule) => ({
        rule,
        settings: settings.get(rule.id) ?? rule.defaults,
        idle: rule.needsPlace && !options.place ? "no geo database: set GEO_DATABASE" : undefined,
      })),

    flush: () => write(refusals.take()),

    async close() {
      breaker.close();
      // Whatever fails, the others are still closed: each may hold something that is not written yet.
      const ends = await Promise.allSettled([
        writeAndClose(refusals.takeAll()),
        windows.close?.(),
        decisions.close?.(),
      ]);
      const failed = ends.find((end) => end.status === "rejected");
      if (failed) throw failed.reason;
    },
  };
}

/** Types do not reach callers without TypeScript. */
function refuseMissing({ rules, windows, decisions, onError }: Partial<GuardOptions>): void {
  const missing = [
    ...(Array.isArray(rules) ? [] : ["`rules`, a list such as builtInRules"]),
    ...(typeof windows?.observe === "function" ? [] : ["`windows`, such as createMemoryWindowStore()"]),
    ...(typeof decisions?.find === "function" ? [] : ["`decisions`, such as createMemoryDecisionStore()"]),
    ...(typeof onError === "function" ? [] : ["`onError`, a function that is told of store failures"]),
  ];
  if (missing.length > 0) throw new GuardError("INVALID_OPTIONS", `A guard needs ${missing.join("; ")}.`);
}

/** An allowed source is not counted at all. An allowed account is not refused, but guesses at it still count. */
const exempts = ({ action, scope }: Decision): boolean =>
  action === "allow" && scope !== "account" && scope !== "account+ip";

function detect(signal: ScopedSignal, rule: Rule, settings: RuleSettings, finding: Finding): Detection {
  const { scope, value, evidence, severity = rule.severity } = finding;
  const { id, confidence, attack, owasp } = rule;
  return {
    rule: id,
    at: signal.at,
    scope,
    value,
    severity,
    confidence,
    mode: settings.mode,
    attack,
    owasp,
    evidence,
  };
}

function refuse(signal: ScopedSignal, rule: Rule, { action = "delay", finding, freeAt }: Over): Outcome {
  const { threshold, windowMs } = finding.evidence;
  const retryAfterMs = Math.max(freeAt - signal.at, 1000);
  const limit = { rule: rule.id, threshold, windowMs };
  return { action, reason: "over-limit", retryAfterMs, detections: [], limit };
}
