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
  /**
   * The known device of this account that a request proves to be, by something that no client can make up. It is counted
   * apart from strangers. @default none
   */
  readonly deviceOf?: (headers: Headers, account: string) => Promise<string | undefined>;
  /** Endpoints of your own that check a secret. */
  readonly checks?: { readonly [path: string]: SecretCheck };
  /** Told of each wrong secret, when it is counted. */
  readonly onFailure?: (failure: SignInFailure) => Promise<void>;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface SignInFailure {
  readonly ctx: GenericEndpointContext;
  /** Whose secret it should have been; there need be no such account. */
  readonly email: string | undefined;
  /** The password was right before, and this was the second factor. */
  readonly isSecondFactor: boolean;
  readonly outcome: Outcome;
}

/**
 * Place it after every other plugin: a second factor takes back a success that was seen before it.
 * At endpoints that check a password, a locked account is let through with `locked` set, and the check then says no.
 */
export function guardPlugin(options: GuardPluginOptions) {
  const { guard, accountKey, deviceOf, onFailure, now = Date.now } = options;
  const checks: { readonly [path: string]: SecretCheck } = { ...secretChecks, ...options.checks };
  const isChecked = ({ path }: { path?: string }): boolean => Object.hasOwn(checks, path ?? "");
  const checkOf = ({ path }: { path?: string }): SecretCheck => checks[path ?? ""] as SecretCheck;
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
    { headers }: GenericEndpointContext,
    email: string | undefined,
    { signsIn, unguessable = false }: Pick<SecretCheck, "signsIn" | "unguessable">,
  ): Promise<Outcome> {
    const account = email === undefined ? undefined : accountKey(email);
    const device = account && headers && (await deviceOf?.(headers, account));
    const id = randomUUID();
    const outcome = await guard.check(
      signal(client, "sign-in-attempt", { id, account, device, unguessable }),
    );
    if (outcome.action === "allow" || outcome.action === "lock") {
      client.attempt = { id, email, account, device, unguessable, signsIn, settled: false };
    }
    return outcome;
  }

  async function failed(client: ClientContext): Promise<Outcome | undefined> {
    if (!client.attempt) return undefined;
    client.attempt.settled = true;
    const { id, account, device, unguessable } = client.attempt;
    return guard.record(signal(client, "sign-in-failure", { id, account, device, unguessable, status: 401 }));
  }

  async function succeeded(client: ClientContext): Promise<void> {
    if (!client.attempt) return;
    client.attempt.settled = true;
    const { id, account, device, unguessable } = client.attempt;
    // What was counted for an untrusted client is given back to one.
    const counted = device === undefined ? { device: client.device, newDevice: true } : { device };
    await guard.record(
      signal(client, "sign-in-success", { id, account, unguessable, ...counted, status: 200 }),
    );
  }

  const before = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (!client)
      throw new APIError("INTERNAL_SERVER_ERROR", {
        code: "GUARD_MISSING",
        message: "Place the guard's middleware before Better Auth's handler.",
      });
    const check = checkOf(ctx);
    if (check.account === "afterwards") return;
    const { email, signedIn } = await askerOf(ctx, check.account);
    const outcome = await attempt(client, ctx, email, { ...check, signsIn: check.signsIn && !signedIn });
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
      const outcome = await attempt(client, ctx, signedIn.user.email, check);
      if (outcome.action !== "allow") return takeBack(ctx, outcome);
      await succeeded(client);
    } else if (code !== undefined) {
      const { attempt } = client;
      const isCounted = check.wrong.includes(code) && !client.brought;
      const outcome = isCounted ? await failed(client) : undefined;
      if (!attempt || !outcome) return;
      const isSecondFactor = check.account === "challenge" && attempt.signsIn;
      await onFailure?.({ ctx, email: attempt.email, isSecondFactor, outcome });
    } else if (client.attempt?.signsIn && signedIn) {
      // Without a session a second factor is awaited: a right password must not clear what was guessed at the code.
      await succeeded(client);
    }
  });

  const signedOut = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (client && !isAPIError(ctx.context.returned))
      await guard.record(signal(client, "sign-out", { status: 200 }));
  });

  return {
    id: "flux-guard",
    init: ({ password }) => ({
      context: {
        password: {
          ...password,
          // Compared all the same: what a locked account answers, and when, is what a wrong password brings.
          async verify(check) {
            const isRight = await password.verify(check);
            return isRight && clientContext.getStore()?.locked !== true;
          },
        },
      },
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
