// The Lua scripts of the decisions, with typed wrappers: what goes in, and what comes back. The only file that knows their arguments.

import type { Decision } from "../decision.ts";
import { offenceMemoryMs } from "./decision-store.ts";
import { decisionText, readDecision } from "./decision-text.ts";
import { loadScript } from "./load-script.ts";
import type { ScriptCall } from "./redis-connection.ts";

/** A decision is taken in, or the one with this id ends. */
export type DecisionChange =
  | { readonly kind: "add"; readonly decision: Decision }
  /** With the decision, if it is known: others who have it could bring it back to a server that does not. */
  | { readonly kind: "remove"; readonly id: string; readonly decision?: Decision | undefined };

/** What one message tells, or one page: the changes after `before`, up to the one with the number `upTo`. */
export interface ToldChanges {
  readonly before: number;
  readonly upTo: number;
  /** What this version does not understand is left out. */
  readonly changes: readonly DecisionChange[];
}

export interface DecisionPage extends ToldChanges {
  /** False when the server has never heard of the change `before`, or has forgotten it. */
  readonly isKnown: boolean;
  readonly isLast: boolean;
}

/** The names of everything in Redis that decisions have: the keys are of one hash slot. */
export interface DecisionKeys {
  readonly channel: string;
  readonly keys: readonly [head: string, texts: string, order: string, ends: string];
}

const decide = loadScript("decide-4");
const since = loadScript("decisions-since-4", ["allow-oom"]);

/** @param database its number, as messages are heard in all of them */
export const decisionKeys = (prefix: string, database = 0): DecisionKeys => {
  const name = (part: string) => `${prefix}:{decisions}:${part}`;
  return {
    channel: name(`changes:${database}`),
    keys: [name("head"), name("texts"), name("order"), name("ends")],
  };
};

/** @param limit how many decisions and removals Redis keeps at most, those of admins apart */
export const decideCall = (
  { channel, keys }: DecisionKeys,
  changes: readonly DecisionChange[],
  { limit, now }: { readonly limit: number; readonly now: number },
): ScriptCall => ({
  script: decide,
  keys,
  args: [channel, String(limit), JSON.stringify(changes.map((change) => toArguments(change, now)))],
});

/** @returns for each change the decision that it has ended */
export const readDecided = (reply: unknown): readonly (Decision | undefined)[] =>
  (reply as string[]).map((text) => (text === "" ? undefined : readDecision(text)));

export const sinceCall = ({ keys }: DecisionKeys, position: number, limit: number): ScriptCall => ({
  script: since,
  keys,
  args: [String(position), String(limit)],
});

export function readSince(reply: unknown, before: number, limit: number): DecisionPage {
  const [isKnown, head, flat] = reply as [number, string, string[]];
  const changes: (DecisionChange | undefined)[] = [];
  for (let i = 0; i < flat.length; i += 3) {
    const [id = "", text = ""] = flat.slice(i + 1, i + 3);
    changes.push(toChange(text.slice(0, 1), id, text.slice(1)));
  }
  const isLast = changes.length < limit;
  const upTo = Number(isLast ? head : flat.at(-3));
  return {
    before,
    upTo,
    isKnown: isKnown === 1,
    isLast,
    changes: changes.filter((one) => one !== undefined),
  };
}

/** @returns undefined when it is no message of the scripts */
export function readMessage(message: string): ToldChanges | undefined {
  try {
    const [before, upTo, changed] = JSON.parse(message) as [string, string, [string, string, string][]];
    const changes = changed.map(([kind, id, text]) => toChange(kind, id, text));
    const told = { before: Number(before), upTo: Number(upTo) };
    if (!Number.isSafeInteger(told.before) || !Number.isSafeInteger(told.upTo)) return undefined;
    return { ...told, changes: changes.filter((one) => one !== undefined) };
  } catch {
    return undefined;
  }
}

/** The script's JSON reader takes no half of a surrogate pair. Those within the text are escaped twice. */
function toArguments(change: DecisionChange, now: number): unknown[] {
  if (change.kind === "remove") {
    const { id, decision } = change;
    return ["e", id.toWellFormed(), decision ? lifeOf(decision, now) : 0, ""];
  }
  const { decision } = change;
  const kind = decision.origin === "admin" ? "k" : "t";
  return [kind, decision.id.toWellFormed(), lifeOf(decision, now), decisionText(decision)];
}

/** Remembered for as long as it can matter: it may be an offence, and what has been removed may still be held by others. */
const lifeOf = ({ until }: Decision, now: number): number | false =>
  until !== null && Number.isFinite(until) && Math.max(1, Math.ceil(until + offenceMemoryMs - now));

function toChange(kind: string, id: string, text: string): DecisionChange | undefined {
  if (kind === "e") return { kind: "remove", id };
  const decision = readDecision(text);
  return decision && { kind: "add", decision };
}
