// Better Auth's sessions, as far as a refresh touches them: one in use stays open, one that was stolen ends.

import type { Auth } from "../auth.ts";
import type { FamilySession } from "./refresh-families.ts";

export interface OpenSessions {
  /** Keeps a session that is in use open for longer, as a request with its cookie does. */
  keepOpen(session: FamilySession): Promise<void>;
  /** Ends a session and everything that came of it. */
  end(session: FamilySession): Promise<void>;
}

export function createOpenSessions(auth: Auth, now: () => number): OpenSessions {
  return {
    async keepOpen({ token, createdAt, expiresAt }) {
      const { internalAdapter, sessionConfig } = await auth.$context;
      const [wholeMs, renewAfterMs] = [sessionConfig.expiresIn * 1000, sessionConfig.updateAge * 1000];
      // Who did not want to be remembered has a short session, which nothing makes longer.
      const isRemembered = expiresAt - createdAt > wholeMs - renewAfterMs;
      if (!isRemembered || expiresAt - now() > wholeMs - renewAfterMs) return;
      await internalAdapter.updateSession(token, {
        expiresAt: new Date(now() + wholeMs),
        updatedAt: new Date(now()),
      });
    },

    async end({ token }) {
      const { internalAdapter } = await auth.$context;
      await internalAdapter.deleteSession(token);
    },
  };
}
