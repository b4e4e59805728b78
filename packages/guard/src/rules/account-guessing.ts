// Password guessing at one account from many places: failures of all untrusted clients of the account together.

import type { Action } from "../decision.ts";
import type { Judgement, Rule, RuleSettings } from "../rule.ts";
import { knownDevice, type ScopedSignal } from "../signal.ts";
import type { Backoff, Row, WindowResult } from "../stores/window-store.ts";

/**
 * As in brute-force, an attempt takes a place before its password is checked. A proof by the owner ends the row, but not the
 * waits: it gives strangers no new burst of tries.
 */
const attempts = "account-guessing.attempts";
const failures = "account-guessing.failures";
const both = [attempts, failures] as const;

/**
 * NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failed attempts on one account. By how long a row is kept (see `Row`),
 * whoever is patient enough to let every row run out has 100 tries in a year, too.
 */
const row: Row = { threshold: 100, keepMs: 365 * 24 * 60 * 60_000 };
/** How many windows long the waits that a burst has brought about go on: a day, by default. */
const waitsFor = 96;
/** A place that is held by an attempt which is just being checked may soon be free. */
const retryMs = 1000;

const steps: readonly Action[] = ["step-up"];
const stepsAndWaits: readonly Action[] = ["step-up", "delay"];

export const accountGuessing: Rule = {
  id: "account-guessing",
  summary: "Too many failed sign-ins to one account from clients that it does not know, wherever they are.",
  severity: "medium",
  confidence: "high",
  attack: "T1110.001",
  owasp: "authn_login_fail_max",
  defaults: {
    mode: "enforce",
    threshold: 10,
    windowMs: 15 * 60_000,
    response: { action: "delay", scope: "account", durationMs: 60_000, longestMs: 15 * 60_000 },
  },
  listensTo: [
    "sign-in-attempt",
    "sign-in-failure",
    "sign-in-success",
    "sign-in-abandoned",
    "account-recovered",
  ],

  limits(settings) {
    const { threshold, windowMs } = settings;
    const waitsMs = windowMs * waitsFor;
    return [
      ...both.map((window) => ({ window, threshold, windowMs })),
      { window: attempts, threshold: placesOf(settings), windowMs: waitsMs },
      // What lengthens the waits; no number of them is a detection by itself.
      { window: failures, windowMs: waitsMs },
      ...both.map((window) => ({ window, threshold: row.threshold, windowMs: row.keepMs })),
    ];
  },

  observe(signal, settings) {
    const { account: value, at, id } = signal;
    if (value === undefined) return [];
    const scope = "account";
    if (isProof(signal)) return both.map((window) => ({ kind: "end-row", scope, value, window }));
    if (knownDevice(signal) !== undefined || signal.unguessable) return [];
    const windowMs = settings.windowMs * waitsFor;
    const limit = placesOf(settings);
    const backoff = backoffOf(settings);
    switch (signal.type) {
      case "sign-in-attempt":
        return [{ kind: "reserve", scope, value, window: attempts, at, windowMs, limit, backoff, row, id }];
      case "sign-in-failure": {
        const threshold = limit;
        return [
          { kind: "count", scope, value, window: failures, at, windowMs, limit, threshold, backoff, row, id },
        ];
      }
      case "sign-in-abandoned":
        return id === undefined ? [] : [{ kind: "release", scope, value, window: attempts, id }];
      default:
        return both.map((window) => ({ kind: "clear", scope, value, window }));
    }
  },

  judge(signal, [counted], settings) {
    const { account: value, type } = signal;
    if (value === undefined || !counted) return undefined;
    if (type === "sign-in-attempt") return over(signal, value, counted, settings);
    if (type === "sign-in-failure") return detected(signal, value, counted, settings);
    if (type === "sign-in-abandoned") return undefined;
    return { kind: "lifted", scope: "account", value, actions: isProof(signal) ? steps : stepsAndWaits };
  },
};

/** Shows that the owner is there, and not only that somebody knows the password. */
const isProof = (signal: ScopedSignal): boolean =>
  signal.type === "account-recovered" ||
  (signal.type === "sign-in-success" && (knownDevice(signal) !== undefined || signal.unguessable === true));

/** While waits go on, or slower than they set in: more than fit in the time with all waits, and far fewer than without. */
const placesOf = ({ threshold }: RuleSettings): number => threshold + 2 * row.threshold;

function backoffOf({ threshold, windowMs, response }: RuleSettings): Backoff {
  const { durationMs: waitMs, longestMs: longestWaitMs } =
    response.action === "delay" ? response : { durationMs: 60_000, longestMs: windowMs };
  return { threshold, windowMs, waitMs, longestWaitMs };
}

function over(
  { at }: ScopedSignal,
  value: string,
  counted: WindowResult,
  settings: RuleSettings,
): Judgement | undefined {
  if (counted.admitted) return undefined;
  const inRow = counted.row?.count ?? 0;
  const where = { scope: "account", value } as const;
  if (inRow >= row.threshold) {
    const finding = { ...where, evidence: rowEvidence(inRow) };
    return { kind: "over", finding, freeAt: at + retryMs, action: "step-up" };
  }
  const finding = { ...where, evidence: waitEvidence(counted, settings) };
  return { kind: "over", finding, freeAt: counted.freeAt ?? at + retryMs };
}

function detected(
  { at }: ScopedSignal,
  value: string,
  counted: WindowResult,
  settings: RuleSettings,
): Judgement | undefined {
  const where = { scope: "account", value } as const;
  if (counted.row?.crossed) {
    return {
      kind: "detected",
      finding: { ...where, severity: "high", evidence: rowEvidence(counted.row.count) },
      asked: { action: "step-up", until: null },
    };
  }
  const { freeAt = at } = counted;
  if (freeAt <= at) return undefined;
  const evidence = { ...waitEvidence(counted, settings), waitMs: freeAt - at };
  return { kind: "detected", finding: { ...where, evidence }, asked: { action: "delay", until: freeAt } };
}

const rowEvidence = (count: number) => ({
  count,
  threshold: row.threshold,
  windowMs: row.keepMs,
  what: "in-a-row",
});

/** What set the waits in; the count goes on for as long as they do. */
const waitEvidence = ({ count }: WindowResult, { threshold, windowMs }: RuleSettings) => ({
  count,
  threshold,
  windowMs,
});
