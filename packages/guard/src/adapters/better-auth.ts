// Better Auth plugin: a place before each check of a secret, the outcome after it. Needs the middleware around the handler.

import { randomUUID } from "node:crypto";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, isAPIError } from "better-auth/api";
import { deleteSessionCookie } from "better-auth/cookies";
import type { Guard, Outcome } from "../guard.ts";
import type { SignalType } from "../signal.ts";
import { askerOf } from "./better-auth-account.ts";
import { type SecretCheck, secretChecks } from "./better-auth-checks.ts";
import { type ClientContext, clientContext } from "./client-context.ts";
import { refusalOf } from "./refusal.ts";

export { secretChecks } from "./better-auth-checks.ts";

export interface GuardPluginOptions {
  readonly guard: Guard;
  /** See `createAccountKey`. */
  readonly accountKey: (email: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Place it after every other plugin: a second factor takes back a success that was seen before it.
 * At endpoints that check a password, a locked account is let through with `locked` set; the check itself must then say no.
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

  /** Takes a place for what is about to be checked, or has just been checked by a provider. */
  async function attempt(
    client: ClientContext,
    email: string | undefined,
    signsIn: boolean,
  ): Promise<Outcome> {
    const account = email === undefined ? undefined : accountKey(email);
    const id = randomUUID();
    const outcome = await guard.check(signal(client, "sign-in-attempt", { id, account }));
    if (outcome.action === "allow" || outcome.action === "lock") {
      client.attempt = { id, account, signsIn, settled: false };
    }
    return outcome;
  }

  async function settle(client: ClientContext, type: "sign-in-failure" | "sign-in-success"): Promise<void> {
    const { attempt } = client;
    if (!attempt) return;
    attempt.settled = true;
    const status = type === "sign-in-failure" ? 401 : 200;
    await guard.record(signal(client, type, { id: attempt.id, account: attempt.account, status }));
  }

  const before = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (!client)
      throw new APIError("INTERNAL_SERVER_ERROR", { code: "GUARD_MISSING", message: "No guard middleware." });
    const check = checkOf(ctx);
    if (check.account === "afterwards") return;
    const { email, signedIn } = await askerOf(ctx, check.account);
    const outcome = await attempt(client, email, check.signsIn && !signedIn);
    if (outcome.action === "lock" && check.wrong.some((code) => passwordCodes.has(code)))
      client.locked = true;
    else if (outcome.action !== "allow") throw refused(outcome);
  });

  const after = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (!client) return;
    const check = checkOf(ctx);
    // Judged first: a session may have been renewed, and so be new, in a request that failed.
    const code = refusalCode(ctx.context.returned);
    const signedIn = ctx.context.newSession;
    if (check.account === "afterwards") {
      if (!signedIn) return;
      const outcome = await attempt(client, signedIn.user.email, true);
      if (outcome.action !== "allow") return takeBack(ctx, outcome);
      await settle(client, "sign-in-success");
    } else if (code !== undefined) {
      if (check.wrong.includes(code)) await settle(client, "sign-in-failure");
    } else if (client.attempt?.signsIn && signedIn) {
      // Without a session a second factor is awaited: a right password must not clear what was guessed at the code.
      await settle(client, "sign-in-success");
    }
  });

  const signedOut = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (client && !isAPIError(ctx.context.returned))
      await guard.record(signal(client, "sign-out", { status: 200 }));
  });

  return {
    id: "flux-guard",
    init: () => ({
      options: {
        databaseHooks: {
          user: {
            create: {
              // Here and not at the endpoint, which answers alike when there was an account already.
              async after(user: { email: string }) {
                const client = clientContext.getStore();
                if (!client) return;
                await guard.record(
                  signal(client, "sign-up", { account: accountKey(user.email), status: 200 }),
                );
              },
            },
          },
        },
      },
    }),
    hooks: {
      before: [{ matcher: isChecked, handler: before }],
      after: [
        { matcher: isChecked, handler: after },
        { matcher: (ctx) => ctx.path === "/sign-out", handler: signedOut },
      ],
    },
  } satisfies BetterAuthPlugin;
}

const passwordCodes: ReadonlySet<string> = new Set(["INVALID_EMAIL_OR_PASSWORD", "INVALID_PASSWORD"]);
const statusNames = { 403: "FORBIDDEN", 429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE" } as const;

const isChecked = ({ path }: { path?: string }): boolean => Object.hasOwn(secretChecks, path ?? "");
const checkOf = ({ path }: { path?: string }): SecretCheck => secretChecks[path ?? ""] as SecretCheck;

function refused(outcome: Outcome): APIError {
  const { status, body, headers } = refusalOf(outcome);
  return new APIError(statusNames[status], body as { code: string }, headers);
}

/** The session that a provider's word has just opened must not outlive the refusal, which a browser is led to. */
async function takeBack(ctx: GenericEndpointContext, outcome: Outcome): Promise<void> {
  const { newSession, options, baseURL } = ctx.context;
  if (newSession) await ctx.context.internalAdapter.deleteSession(newSession.session.token);
  deleteSessionCookie(ctx);
  ctx.context.setNewSession(null);
  const url = new URL(options.onAPIError?.errorURL ?? `${baseURL}/error`, baseURL);
  url.searchParams.set("error", refusalOf(outcome).body.code);
  throw ctx.redirect(url.href);
}

/** The code of a refusal, which a redirect carries in its address; undefined when nothing was refused. */
function refusalCode(returned: unknown): string | undefined {
  if (!isAPIError(returned)) return undefined;
  const location = new Headers(returned.headers).get("location");
  if (location !== null)
    return URL.parse(location, "http://localhost")?.searchParams.get("error") ?? undefined;
  return (returned.body as { code?: string } | undefined)?.code ?? "";
}
