// The admin API's requests, checked at the server's edge and typed at the client's.

import type { Explanation } from "@fluxstudio/guard";
import { actions, scopes, severities } from "@fluxstudio/guard/vocabulary";
import { z } from "zod";

export const adminBase = "/api/admin/security";

/** PostgreSQL keeps no null character, and half a character is none for anybody. */
const text = (longest: number, shortest = 0) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    .refine((given) => !given.includes("\0") && given.isWellFormed(), "has characters that are no text");

const value = text(512, 1);

/** What an id in a path may be. */
export const anyId = z.object({ id: text(100, 1) });

/** POST decisions. `account` values may be e-mails: the server turns them into the account's hash. */
export const newDecision = z.object({
  action: z.enum(actions),
  scope: z.enum(scopes),
  value,
  /** Milliseconds from now; absent: until somebody removes it. */
  durationMs: z
    .number()
    .int()
    .min(1000)
    .max(366 * 24 * 3_600_000)
    .optional(),
  reason: text(500).optional(),
});

/** GET events */
export const eventQuery = z.object({
  after: z.uuid().optional(),
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  rule: text(100).optional(),
  ip: text(64).optional(),
  account: value.optional(),
  minSeverity: z.enum(severities).optional(),
});

/** GET explain */
export const explainQuery = z.object({ scope: z.enum(scopes), value });

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
  status: z.enum(mailStatuses).optional(),
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
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
export const mailId = z.object({ id: z.uuid() });

/** POST tokens */
export const newToken = z.object({ name: text(100, 1) });

/** POST admins */
export const newAdmin = z.object({ email: z.email().max(254), password: text(128) });

/** POST roles */
export const newRole = z.object({
  email: z.email().max(254),
  role: z.enum(["user", "moderator", "admin"], "is user, moderator or admin"),
});
