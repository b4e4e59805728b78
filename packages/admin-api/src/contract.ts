// The admin API's requests, checked at the server's edge and typed at the client's.

import type { Explanation } from "@fluxstudio/guard";
import { actions, scopes, severities } from "@fluxstudio/guard/vocabulary";
import { z } from "zod";
import { eventFormats } from "./words.ts";

/** What is wrong is said in words that may stand behind the name of the field. */
const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, `is ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
const id = z.uuid("is no id");
const email = z.email("is no e-mail address").max(254, "has at most 254 characters");

/** In the text of a query, where everything is text. */
function limit(most: number) {
  const message = `is a whole number from 1 to ${most}`;
  return z.coerce.number(message).int(message).min(1, message).max(most, message).optional();
}

/** PostgreSQL keeps no null character, and half a character is none for anybody. */
const text = (longest: number, shortest = 0) =>
  z
    .string("is text")
    .min(shortest, `has ${shortest} to ${longest} characters`)
    .max(longest, `has ${shortest} to ${longest} characters`)
    .refine((given) => !given.includes("\0") && given.isWellFormed(), "has characters that are no text");

const value = text(512, 1);

/** What an id in a path may be. */
export const anyId = z.object({ id: text(100, 1) });

const longestMs = 366 * 24 * 3_600_000;
const durationWords = `is a whole number of milliseconds from 1000 to ${longestMs}`;

/** POST decisions. `account` values may be e-mails: the server turns them into the account's hash. */
export const newDecision = z.object({
  action: choice(actions),
  scope: choice(scopes),
  value,
  /** Milliseconds from now; absent: until somebody removes it. */
  durationMs: z
    .number(durationWords)
    .int(durationWords)
    .min(1000, durationWords)
    .max(longestMs, durationWords)
    .optional(),
  reason: text(500).optional(),
  /** Needed for `global` and for large ranges, so that nobody locks everybody out by a slip. */
  force: z.boolean("is true or false").optional(),
});

/** GET events. With a format the answer has the id of the newest beside them, to go on after it. */
export const eventQuery = z.object({
  after: id.optional(),
  before: id.optional(),
  limit: limit(1_000),
  rule: text(100).optional(),
  ip: text(64).optional(),
  account: value.optional(),
  minSeverity: choice(severities).optional(),
  format: choice(eventFormats).optional(),
});

/** GET explain */
export const explainQuery = z.object({ scope: choice(scopes), value });

/**
 * What GET explain answers: what is decided, and what is counted with the rule and the threshold that it stands against, as far
 * as there are any. Times are milliseconds since 1970.
 */
export type ExplainAnswer = Explanation;

/** What a server noticed about its own set-up. */
export interface SetupWarning {
  readonly code: string;
  /** `notice`: may be nobody's mistake, see the message. */
  readonly level: "problem" | "notice";
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The answer to GET setup. */
export interface SetupReport {
  /** Without a password. */
  readonly database: string;
  readonly windows: string;
  readonly trustedProxies: readonly string[];
  readonly warnings: readonly SetupWarning[];
}

export const mailStatuses = ["queued", "sent", "dead"] as const;

/** GET mail */
export const mailQuery = z.object({
  status: choice(mailStatuses).optional(),
  before: id.optional(),
  limit: limit(500),
});

/** What GET mail answers. Times are milliseconds since 1970. */
export interface MailList {
  readonly queued: number;
  readonly dead: number;
  /** Since the server's start: too many for one mailbox or in all, or to no address. */
  readonly refused: number;
  /** Newest first. */
  readonly mails: readonly MailEntry[];
}

/** A mail without its text, which may hold a one-time link. */
export interface MailEntry {
  readonly id: string;
  readonly template: string;
  /** `a…@example.com` */
  readonly recipient: string;
  /** The hash that stands for its recipient in decisions and events. */
  readonly account: string;
  readonly subject: string;
  readonly status: (typeof mailStatuses)[number];
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAttemptAt?: number | undefined;
  readonly sentAt?: number | undefined;
  readonly lastError?: string | undefined;
  /** Of a dead mail: until then it can be sent again. */
  readonly retryUntil?: number | undefined;
}

/** POST mail/:id/retry */
export const mailId = z.object({ id });

/** POST tokens */
export const newToken = z.object({ name: text(100, 1) });

/** POST admins */
export const newAdmin = z.object({ email, password: text(128) });

/** POST roles */
export const newRole = z.object({
  email,
  role: choice(["user", "moderator", "admin"]),
});
