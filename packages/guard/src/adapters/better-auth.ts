// Better Auth plugin: a place before each password check, the outcome after it. Needs the middleware around the handler.

import { randomUUID } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, isAPIError } from "better-auth/api";
import type { Guard } from "../guard.ts";
import type { SignalType } from "../signal.ts";
import { type ClientContext, clientContext } from "./client-context.ts";
import { refusalOf } from "./refusal.ts";

export interface GuardPluginOptions {
  readonly guard: Guard;
  /** See `createAccountKey`. */
  readonly accountKey: (email: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Endpoints that check a password. */
export const passwordPaths: readonly string[] = ["/sign-in/email", "/change-password", "/verify-password"];
const wrongPassword: ReadonlySet<unknown> = new Set(["INVALID_EMAIL_OR_PASSWORD", "INVALID_PASSWORD"]);

/**
 * Place it after every other plugin: a second factor takes back a success that was seen before it.
 * A locked account is let through to the password check with `locked` set; the check itself must then say no.
 */
export function guardPlugin({ guard, accountKey, now = Date.now }: GuardPluginOptions) {
  const signal = (client: ClientContext, type: SignalType, more: object) => ({
    ip: client.ip,
    userAgent: client.userAgent,
    method: client.method,
    path: client.path,
    door: client.door,
    type,
    at: now(),
    ...more,
  });

  const before = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (!client)
      throw new APIError("INTERNAL_SERVER_ERROR", { code: "GUARD_MISSING", message: "No guard middleware." });
    const account = accountOf(ctx, accountKey);
    const attempt = { id: randomUUID(), account, settled: false };
    const outcome = await guard.check(signal(client, "sign-in-attempt", { id: attempt.id, account }));
    if (outcome.action === "lock") client.locked = true;
    else if (outcome.action !== "allow") {
      const { status, body, headers } = refusalOf(outcome);
      throw new APIError(statusNames[status], body as { code: string }, headers);
    }
    client.attempt = attempt;
  });

  const after = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    const { returned } = ctx.context;
    const failed = isAPIError(returned);
    if (!client) return;
    if (client.attempt) {
      const { attempt } = client;
      const wrong = failed && wrongPassword.has((returned.body as { code?: unknown } | undefined)?.code);
      if (failed && !wrong) return;
      attempt.settled = true;
      const more = { id: attempt.id, account: attempt.account, status: wrong ? 401 : 200 };
      await guard.record(signal(client, wrong ? "sign-in-failure" : "sign-in-success", more));
    } else if (!failed) {
      const type = ctx.path === "/sign-out" ? "sign-out" : "sign-up";
      await guard.record(signal(client, type, { account: accountOf(ctx, accountKey), status: 200 }));
    }
  });

  return {
    id: "flux-guard",
    hooks: {
      before: [{ matcher: (ctx) => passwordPaths.includes(ctx.path ?? ""), handler: before }],
      after: [
        {
          matcher: (ctx) => [...passwordPaths, "/sign-up/email", "/sign-out"].includes(ctx.path ?? ""),
          handler: after,
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

const statusNames = { 403: "FORBIDDEN", 429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE" } as const;

/**
 * Only where the endpoint itself reads the e-mail: elsewhere it is what somebody signed in as himself chose to write, and
 * his success would clear the failures of whoever he names.
 */
function accountOf(
  { path, body }: { path?: string; body?: unknown },
  accountKey: (email: string) => string,
): string | undefined {
  if (path !== "/sign-in/email" && path !== "/sign-up/email") return undefined;
  const email = (body as { email?: unknown } | undefined | null)?.email;
  return typeof email === "string" && email.length > 0 && email.length <= 1024
    ? accountKey(email)
    : undefined;
}
