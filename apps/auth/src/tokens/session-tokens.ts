// The tokens of sessions: given out at a sign-in, exchanged at a refresh, good for nothing when the session is over.

import type { DecisionStore, Guard } from "@fluxstudio/guard";
import { sessionValue } from "@fluxstudio/verify";
import { type AccessTokens, accessTokenSeconds } from "./access-tokens.ts";
import type { FamilySession, RefreshFamilies } from "./refresh-families.ts";

export interface SessionTokensOptions {
  readonly access: AccessTokens;
  readonly families: RefreshFamilies;
  readonly guard: Guard;
  readonly decisions: Pick<DecisionStore, "find">;
  readonly now: () => number;
}

/** What a client is answered with. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds that the access token is good for. */
  readonly expiresIn: number;
}

export interface SessionTokens {
  /** For a session that was just opened, or is open: its first pair. */
  issue(
    session: { readonly id: string },
    user: { readonly id: string; readonly role?: unknown },
  ): Promise<TokenPair>;
  /** A new access token beside a refresh token that is good. */
  pair(session: FamilySession, refreshToken: string): Promise<TokenPair>;
  /** To be called when a session is over, for whatever reason: its families end, and services are told. */
  sessionEnded(sessionId: string): Promise<void>;
  /** Has services refuse the access tokens of a session that is over, until the last of them has expired. */
  tellServices(sessionId: string): Promise<void>;
}

/** How long a decision stands: a token's life, and clocks that differ. */
const toldMs = (accessTokenSeconds + 60) * 1000;

export function createSessionTokens(options: SessionTokensOptions): SessionTokens {
  const { access, families, guard, decisions, now } = options;

  async function tellServices(sessionId: string): Promise<void> {
    const [scope, value, at] = ["session", sessionValue(sessionId), now()] as const;
    if (decisions.find(scope, value, at)?.action === "block") return;
    const until = at + toldMs;
    await guard.decide({ action: "block", scope, value, until, origin: "feed", reason: "session ended" }, at);
  }

  return {
    tellServices,

    async issue(session, user) {
      const role = typeof user.role === "string" ? user.role : null;
      const refreshToken = await families.begin(session.id);
      const accessToken = await access.issue({ userId: user.id, sessionId: session.id, role });
      return { accessToken, refreshToken, expiresIn: accessTokenSeconds };
    },

    async pair({ id, userId, role }, refreshToken) {
      const accessToken = await access.issue({ userId, sessionId: id, role });
      return { accessToken, refreshToken, expiresIn: accessTokenSeconds };
    },

    async sessionEnded(sessionId) {
      const givenOutAt = await families.endOfSession(sessionId);
      // A family whose last access token has expired, or a session without any, needs no telling.
      if (givenOutAt === undefined || givenOutAt + toldMs <= now()) return;
      await tellServices(sessionId);
    },
  };
}
