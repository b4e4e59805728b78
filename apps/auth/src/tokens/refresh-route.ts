// POST /refresh: a refresh token goes in, its successor and an access token come out. It is a door like any other.

import { randomUUID } from "node:crypto";
import type { DecisionStore, Guard, Outcome, Signal, SignalType } from "@fluxstudio/guard";
import { clientContext } from "@fluxstudio/guard/client-context";
import { refusalOf } from "@fluxstudio/guard/refusal";
import { sessionValue } from "@fluxstudio/verify";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { OpenSessions } from "./open-sessions.ts";
import type { FamilySession, SettledState } from "./refresh-families.ts";
import type { TokenIssuer } from "./token-issuer.ts";

export interface RefreshRouteOptions {
  readonly issuer: Pick<TokenIssuer, "families" | "sessions" | "cookie">;
  readonly guard: Guard;
  readonly decisions: Pick<DecisionStore, "find">;
  /** See `createAccountKey`. */
  readonly accountKey: (email: string) => string;
  readonly openSessions: OpenSessions;
  /** Tells the owner that a token of his was copied; must not throw. */
  readonly onReuse: (session: FamilySession) => void;
  readonly now: () => number;
}

/** Needs the guard's middleware around it. */
export function createRefreshRoute(options: RefreshRouteOptions) {
  const { issuer, guard, decisions, accountKey, openSessions, onReuse, now } = options;
  const { families, sessions, cookie } = issuer;

  function factsOf(type: SignalType, session?: FamilySession): Signal {
    const client = clientContext.getStore();
    if (!client) throw new Error("The refresh route needs the guard's middleware.");
    const { ip, userAgent, method, path, door } = client;
    const whose = session && { session: sessionValue(session.id), account: accountKey(session.email) };
    return { ip, userAgent, method, path, door, ...whose, type, at: now() };
  }

  /**
   * Looked up first, counted then: 256 bits are not guessed, and a place that is taken beforehand would turn away people
   * behind one address who refresh side by side.
   */
  async function countWrong(c: Context): Promise<Response | undefined> {
    const id = randomUUID();
    const outcome = await guard.check({ ...factsOf("sign-in-attempt"), id });
    if (outcome.action !== "allow") return refuse(c, outcome);
    await guard.record({ ...factsOf("sign-in-failure"), id, status: 401 });
    return undefined;
  }

  /** An operator's or a rule's block of this session or account. A lock is about passwords: open sessions go on. */
  function isBlocked({ session = "", account = "", at }: Signal): boolean {
    const found = [decisions.find("session", session, at), decisions.find("account", account, at)];
    return found.some((decision) => decision?.action === "block");
  }

  async function endFamily(session: FamilySession, family: string): Promise<void> {
    const first = await families.end(family);
    await openSessions.end(session);
    if (!first) return;
    await guard.record({ ...factsOf("refresh-token-reuse", session), status: 401 });
    // Whatever the rule's mode is, and whether or not its store is there.
    await sessions.tellServices(session.id);
    onReuse(session);
  }

  async function answer(c: Context, state: SettledState, inCookie: boolean): Promise<Response> {
    switch (state.kind) {
      case "unknown":
        return (await countWrong(c)) ?? c.json(wrong, 401);
      case "ended":
        return c.json(ended, 401);
      case "reused":
        await endFamily(state.session, state.family);
        return c.json(reused, 401);
    }
    const { refreshToken, ...rest } = await sessions.pair(state.session, state.successor);
    if (!inCookie) return c.json({ ...rest, refreshToken });
    setCookie(c, cookie.name, refreshToken, { ...cookie.attributes, sameSite: "Strict" });
    return c.json(rest);
  }

  return async (c: Context): Promise<Response> => {
    c.header("cache-control", "no-store");
    const body = await readBody(c);
    if (body === undefined) return c.json(unreadable, 400);
    const shown = body.refreshToken ?? getCookie(c, cookie.name);
    if (shown === undefined) return c.json(missing, 401);
    if (typeof shown !== "string") return c.json(unreadable, 400);
    const inCookie = body.refreshToken === undefined;
    const state = await families.look(shown);
    const facts = "session" in state ? factsOf("token-refresh", state.session) : undefined;
    if (facts && state.kind !== "reused" && isBlocked(facts)) {
      // Asked for the refusal, which is recorded with it.
      const outcome = await guard.check(facts);
      if (outcome.action !== "allow") return refuse(c, outcome);
    }
    const settled = state.kind === "fresh" ? await state.exchange() : state;
    if (settled.kind === "exchanged" && facts) {
      await guard.record({ ...facts, status: 200 });
      await openSessions.keepOpen(settled.session);
    } else if (settled.kind === "again") {
      await guard.record({ ...factsOf("refresh-token-repeat", settled.session), status: 200 });
    }
    return answer(c, settled, inCookie);
  };
}

const unreadable = {
  code: "INVALID_FIELD",
  message: 'Send {"refreshToken":"…"}, or no body and the cookie.',
};
const missing = { code: "REFRESH_TOKEN_MISSING", message: "Send a refresh token, or sign in." };
const wrong = { code: "REFRESH_TOKEN_INVALID", message: "This is no refresh token of ours. Sign in again." };
const ended = { code: "SESSION_ENDED", message: "This session has ended. Sign in again." };
const reused = {
  code: "REFRESH_TOKEN_REUSED",
  message: "This refresh token was used before, so its session has ended. Sign in again.",
};

/** Undefined for what is no JSON object. No body at all is fine: the token is in the cookie then. */
async function readBody(c: Context): Promise<{ readonly refreshToken?: unknown } | undefined> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

function refuse(c: Context, outcome: Outcome): Response {
  const { status, body, headers } = refusalOf(outcome);
  return c.json(body, status, { ...headers });
}
