// A decision: what is done about a scope/value, until when, and who said so.

import type { Scope } from "./scopes.ts";

export const actions = ["allow", "delay", "challenge", "step-up", "block", "lock"] as const;
export type Action = (typeof actions)[number];

export const origins = ["rule", "admin", "feed"] as const;
export type Origin = (typeof origins)[number];

export interface Decision {
  readonly id: string;
  readonly action: Action;
  readonly scope: Scope;
  readonly value: string;
  readonly origin: Origin;
  readonly createdAt: number;
  /** When it ends, milliseconds since 1970; null: when somebody removes it. */
  readonly until: number | null;
  /** The rule that asked for it, when the origin is `rule`. */
  readonly rule?: string | undefined;
  /** Why, in the words of whoever took it. */
  readonly reason?: string | undefined;
  /** The security event that made it. */
  readonly eventId?: string | undefined;
}

/** Whether a number is a time that can be written as a date (ECMA-262, "Time Values and Time Range"). */
export const isTime = (at: unknown): at is number => typeof at === "number" && Math.abs(at) <= 8.64e15;

export const isActive = (decision: Decision, at: number): boolean =>
  decision.until === null || decision.until > at;

/** An admin's word counts before a rule's, a rule's before a feed's; then the stronger action; `allow` wins within an origin. */
export function outranks(one: Decision, other: Decision): boolean {
  if (one.origin !== other.origin) return originRank[one.origin] > originRank[other.origin];
  if (one.action !== other.action) return actionRank[one.action] > actionRank[other.action];
  return (one.until ?? Number.POSITIVE_INFINITY) > (other.until ?? Number.POSITIVE_INFINITY);
}

const originRank: Record<Origin, number> = { feed: 0, rule: 1, admin: 2 };
const actionRank: Record<Action, number> = {
  delay: 0,
  challenge: 1,
  "step-up": 2,
  lock: 3,
  block: 4,
  allow: 5,
};
