// Rule settings as an operator writes them: checked once, merged with each rule's defaults.

import { type Mode, modes } from "./detection.ts";
import { GuardError } from "./errors.ts";
import { type Outage, outages, type Rule, type RuleResponse, type RuleSettings } from "./rule.ts";
import { scopes } from "./scopes.ts";

/** What may be changed of a rule; what is absent keeps the rule's default. */
export interface RuleOverride {
  readonly mode?: Mode;
  readonly threshold?: number;
  readonly windowMs?: number;
  readonly response?: RuleResponse;
  readonly outage?: Outage;
}
export type RuleOverrides = { readonly [rule: string]: RuleOverride };

/** Larger thresholds would hold that many entries for each scope/value. */
const largestThreshold = 10_000;
const longestMs = 366 * 24 * 60 * 60_000;

/**
 * @param overrides unchecked: usually parsed JSON
 * @returns the settings of every rule, by id
 * @throws GuardError `INVALID_RULES` that names all mistakes at once
 */
export function resolveSettings(rules: readonly Rule[], overrides: unknown = {}): Map<string, RuleSettings> {
  if (!isRecord(overrides))
    throw new GuardError("INVALID_RULES", "Rules must be an object: rule id to settings.");
  const problems: string[] = [];
  for (const id of Object.keys(overrides)) {
    if (!rules.some((rule) => rule.id === id)) {
      problems.push(`${id}: no such rule. There are: ${rules.map((rule) => rule.id).join(", ")}.`);
    }
  }
  const settings = new Map<string, RuleSettings>();
  for (const rule of rules) {
    const override = Object.hasOwn(overrides, rule.id) ? overrides[rule.id] : {};
    problems.push(...problemsOf(rule.id, override));
    settings.set(rule.id, { ...rule.defaults, ...(override as RuleOverride) });
  }
  if (problems.length > 0) throw new GuardError("INVALID_RULES", problems.join("\n"));
  return settings;
}

function problemsOf(id: string, override: unknown): string[] {
  if (!isRecord(override)) return [`${id}: settings must be an object.`];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(override)) {
    const problem = checks[key] ? checks[key](value) : `unknown; write ${Object.keys(checks).join(", ")}`;
    if (problem) problems.push(`${id}.${key}: ${problem}.`);
  }
  return problems;
}

const checks: Record<string, (value: unknown) => string | undefined> = {
  mode: oneOf(modes),
  outage: oneOf(outages),
  threshold: (value) => wholeNumber(value, largestThreshold),
  windowMs: (value) => wholeNumber(value, longestMs),
  response: (value) => {
    if (!isRecord(value)) return "must be an object";
    if (value.action === "record") return undefined;
    if (value.action !== "block" && value.action !== "delay")
      return 'action must be "record", "block" or "delay"';
    if (!(scopes as readonly unknown[]).includes(value.scope))
      return `scope must be one of ${scopes.join(", ")}`;
    const problem = wholeNumber(value.durationMs, longestMs);
    if (problem || value.action === "block") return problem && `durationMs ${problem}`;
    const longest = wholeNumber(value.longestMs, longestMs);
    return longest && `longestMs ${longest}`;
  },
};

function oneOf(words: readonly string[]): (value: unknown) => string | undefined {
  return (value) =>
    (words as readonly unknown[]).includes(value) ? undefined : `must be ${words.join(" or ")}`;
}

function wholeNumber(value: unknown, max: number): string | undefined {
  const fine = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
  return fine ? undefined : `must be a whole number from 1 to ${max}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
