// The admin API's requests, checked at the server's edge and typed at the client's.

import { actions, scopes, severities } from "@fluxstudio/guard/vocabulary";
import { z } from "zod";

export const adminBase = "/api/admin/security";

const value = z.string().min(1).max(512);

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
  reason: z.string().max(500).optional(),
});

/** GET events */
export const eventQuery = z.object({
  after: z.uuid().optional(),
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  rule: z.string().max(100).optional(),
  ip: z.string().max(64).optional(),
  account: value.optional(),
  minSeverity: z.enum(severities).optional(),
});

/** GET explain */
export const explainQuery = z.object({ scope: z.enum(scopes), value });

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

/** POST tokens */
export const newToken = z.object({ name: z.string().min(1).max(100) });

/** POST admins */
export const newAdmin = z.object({ email: z.email().max(254), password: z.string().min(8).max(128) });
