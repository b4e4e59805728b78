// A decision as text, as it travels between processes, and back: another version of this program may have written it.

import { parseCidr } from "../client/ip-prefix.ts";
import { actions, type Decision, isTime, origins } from "../decision.ts";
import { scopes } from "../scopes.ts";

export const decisionText = (decision: Decision): string => JSON.stringify(decision);

/** @returns undefined when the text is no decision that this version understands */
export function readDecision(text: string): Decision | undefined {
  try {
    const decision: unknown = JSON.parse(text);
    return isDecision(decision) ? decision : undefined;
  } catch {
    return undefined;
  }
}

/** @throws when the range of an `ip-prefix` is none */
function isDecision(value: unknown): value is Decision {
  if (typeof value !== "object" || value === null) return false;
  const { id, action, scope, value: about, origin, createdAt, until, ...others } = value as Partial<Decision>;
  return (
    isOneOf(actions, action) &&
    isOneOf(scopes, scope) &&
    isOneOf(origins, origin) &&
    typeof id === "string" &&
    typeof about === "string" &&
    (scope !== "ip-prefix" || parseCidr(about) === about) &&
    isTime(createdAt) &&
    (until === null || isTime(until)) &&
    [others.rule, others.reason, others.eventId].every((one) => one === undefined || typeof one === "string")
  );
}

const isOneOf = (words: readonly string[], word: unknown): boolean => words.includes(word as string);
