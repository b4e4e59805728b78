// Password guessing at one account from many places: failures of all untrusted clients of the account together.

import type { Action } from "../decision.ts";
import type { Judgement, Rule, RuleSettings } from "../rule.ts";
import { knownDevice, type ScopedSignal } from "../signal.ts";
import type { Backoff, WindowOperation, WindowResult } from "../stores/window-store.ts";

/**
 * As in brute-force, an attempt takes a place before its password is checked. What is guessed in a row is counted apart from
 * what brings waits about: a proof by the owner ends the row, but gives strangers no new burst of tries.
 */
const attempts = "account-guessing.attempts";
const failures = "account-guessing.failures";
const attemptsInRow = "account-guessing.attempts-in-a-row";
const failuresInRow = "account-guessing.failures-in-a-row";

/** NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failed attempts on one account. */
const longestRow = 100;
/** A row has no end by itself; this is as long as a count can be kept. */
const rowMs = 365 * 24 * 60 * 60_000;
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
      ...[attempts, failures].map((window) => ({ window, threshold, windowMs })),
      { window: attempts, threshold: placesOf(settings), windowMs: waitsMs },
      // What lengthens the waits; no number of them is a detection by itself.
      { window: failures, windowMs: waitsMs },
      ...[attemptsInRow, failuresInRow].map((window) => ({ window, threshold: longestRow, windowMs: rowMs })),
    ];
  },

  observe(signal, settings) {
    const { account: value, at, id } = signal;
    if (value === undefined) return [];
    if (isProof(signal)) return [attemptsInRow, failuresInRow].map((window) => clear(value, window));
    if (knownDevice(signal) !== undefined || signal.unguessable) return [];
    const backoff = backoffOf(settings);
    // The tag that brute-force gives them too: so a store can keep one entry for both.
    const timed = { scope: "account", value, at, id, tag: value } as const;
    const waits = { ...timed, windowMs: settings.windowMs * waitsFor, backoff };
    const row = { ...timed, windowMs: rowMs };
    switch (signal.type) {
      case "sign-in-attempt":
        return [
          { ...row, kind: "reserve", window: attemptsInRow, limit: longestRow },
          { ...waits, kind: "reserve", window: attempts, limit: placesOf(settings) },
        ];
      case "sign-in-failure": {
        const limit = placesOf(settings) + 1;
        return [
          {
            ...row,
            kind: "count",
            window: failuresInRow,
            limit: longestRow + 1,
            threshold: longestRow,
          },
          { ...waits, kind: "count", window: failures, limit, threshold: limit },
        ];
      }
      case "sign-in-abandoned":
        return [attemptsInRow, attempts].map((window) => release(value, window, id));
      default:
        return [attemptsInRow, failuresInRow, attempts, failures].map((window) => clear(value, window));
    }
  },

  judge(signal, [row, waits], settings) {
    const { account: value, type } = signal;
    if (value === undefined || !row || !waits) return undefined;
    if (type === "sign-in-attempt") return over(signal, value, row, waits, settings);
    if (type === "sign-in-failure") return detected(signal, value, row, waits, settings);
    if (type === "sign-in-abandoned") return undefined;
    return { kind: "lifted", scope: "account", value, actions: isProof(signal) ? steps : stepsAndWaits };
  },
};

/** Shows that the owner is there, and not only that somebody knows the password. */
const isProof = (signal: ScopedSignal): boolean =>
  signal.type === "account-recovered" ||
  (signal.type === "sign-in-success" && (knownDevice(signal) !== undefined || signal.unguessable === true));

/** While waits go on, or slower than they set in: more than fit in the time with all waits, and far fewer than without. */
const placesOf = ({ threshold }: RuleSettings): number => threshold + 2 * longestRow;

function backoffOf({ threshold, windowMs, response }: RuleSettings): Backoff {
  const { durationMs: waitMs, longestMs: longestWaitMs } =
    response.action === "delay" ? response : { durationMs: 60_000, longestMs: windowMs };
  return { threshold, windowMs, waitMs, longestWaitMs };
}

function over(
  { at }: ScopedSignal,
  value: string,
  row: WindowResult,
  waits: WindowResult,
  settings: RuleSettings,
): Judgement | undefined {
  if (row.admitted && waits.admitted) return undefined;
  const finding = { scope: "account", value, evidence: waitEvidence(waits, settings) } as const;
  if (!row.admitted) {
    return {
      kind: "over",
      finding: { ...finding, evidence: rowEvidence(row) },
      freeAt: at + retryMs,
      action: "step-up",
    };
  }
  return { kind: "over", finding, freeAt: waits.freeAt ?? at + retryMs };
}

function detected(
  { at }: ScopedSignal,
  value: string,
  row: WindowResult,
  waits: WindowResult,
  settings: RuleSettings,
): Judgement | undefined {
  const where = { scope: "account", value } as const;
  if (row.crossed) {
    return {
      kind: "detected",
      finding: { ...where, severity: "high", evidence: rowEvidence(row) },
      asked: { action: "step-up", until: null },
    };
  }
  const { freeAt = at } = waits;
  if (freeAt <= at) return undefined;
  const evidence = { ...waitEvidence(waits, settings), waitMs: freeAt - at };
  return { kind: "detected", finding: { ...where, evidence }, asked: { action: "delay", until: freeAt } };
}

const rowEvidence = ({ count }: WindowResult) => ({
  count,
  threshold: longestRow,
  windowMs: rowMs,
  what: "in-a-row",
});

const waitEvidence = ({ count }: WindowResult, { threshold, windowMs }: RuleSettings) => ({
  count,
  threshold,
  windowMs: windowMs * waitsFor,
});

const clear = (value: string, window: string): WindowOperation => ({
  kind: "clear",
  scope: "account",
  value,
  window,
});

const release = (value: string, window: string, id: string): WindowOperation => ({
  kind: "release",
  scope: "account",
  value,
  window,
  id,
});
