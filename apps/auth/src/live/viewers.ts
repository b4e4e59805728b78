// Who may watch the server live: operators, and people who are signed in and have the role `admin`.

import { TokenError } from "@fluxstudio/verify";
import type { Auth } from "../auth.ts";
import type { AccessTokens } from "../tokens/access-tokens.ts";
import type { OperatorTokens } from "../tokens/operator-tokens.ts";

export interface Viewer {
  /** Asked again and again while he watches: a session that ended, or a role that was taken away, ends it. */
  isStillAllowed(): Promise<boolean>;
}

/** `stranger`: nobody knows him. `not-admin`: signed in, and no admin. */
export type Admission = Viewer | "stranger" | "not-admin";

export interface ViewersOptions {
  readonly auth: Auth;
  readonly tokens: Pick<OperatorTokens, "verify">;
  readonly access: Pick<AccessTokens, "verifier">;
  readonly now: () => number;
}

export interface Viewers {
  operator(token: string): Promise<Viewer | undefined>;
  /** @param headers with a session cookie, or with an access token */
  signedIn(headers: Headers): Promise<Admission>;
}

export const bearerOf = (headers: Headers): string | undefined =>
  /^Bearer (\S{1,4096})$/i.exec(headers.get("authorization") ?? "")?.[1];

export function createViewers({ auth, tokens, access, now }: ViewersOptions): Viewers {
  /** @param sessionToken what Better Auth finds the session by */
  async function isAdminIn(sessionToken: string): Promise<boolean | undefined> {
    const { internalAdapter } = await auth.$context;
    const found = await internalAdapter.findSession(sessionToken);
    if (!found || Number(found.session.expiresAt) <= now()) return undefined;
    const { role } = found.user as { role?: unknown };
    return String(role ?? "")
      .split(",")
      .some((one) => one.trim() === "admin");
  }

  async function sessionOf(headers: Headers): Promise<string | undefined> {
    const token = bearerOf(headers);
    if (token === undefined) {
      const cookie = new Headers({ cookie: headers.get("cookie") ?? "" });
      const query = { disableCookieCache: true, disableRefresh: true };
      return (await auth.api.getSession({ headers: cookie, query }))?.session.token;
    }
    try {
      const { sid } = await access.verifier.verify(token);
      const { adapter } = await auth.$context;
      const row = await adapter.findOne<{ token: string }>({
        model: "session",
        where: [{ field: "id", value: sid }],
      });
      return row?.token;
    } catch (error) {
      if (error instanceof TokenError && error.status === 401) return undefined;
      throw error;
    }
  }

  return {
    async operator(token) {
      const isStillAllowed = async () => (await tokens.verify(token)) !== undefined;
      return (await isStillAllowed()) ? { isStillAllowed } : undefined;
    },

    async signedIn(headers) {
      const session = await sessionOf(headers);
      const isAdmin = session === undefined ? undefined : await isAdminIn(session);
      if (session === undefined || isAdmin === undefined) return "stranger";
      return isAdmin ? { isStillAllowed: async () => (await isAdminIn(session)) === true } : "not-admin";
    },
  };
}
