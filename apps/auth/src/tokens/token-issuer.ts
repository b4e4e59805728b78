// Everything about the tokens that users get, wired: keys, access tokens, families of refresh tokens.

import type { DecisionStore, Guard } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import type { Config } from "../config.ts";
import type { Database } from "../database/database.ts";
import { type AccessTokens, createAccessTokens } from "./access-tokens.ts";
import { type RefreshCookie, refreshCookie } from "./refresh-cookie.ts";
import { createRefreshFamilies, type RefreshFamilies } from "./refresh-families.ts";
import { createSessionTokens, type SessionTokens } from "./session-tokens.ts";
import { createSigningKeys, type SigningKeys } from "./signing-keys.ts";

export interface TokenIssuerOptions {
  readonly config: Pick<Config, "publicUrl" | "accessTokenAudience" | "refreshGraceMs">;
  readonly database: Database;
  /** What `loadSecret` returns. */
  readonly secret: string;
  readonly guard: Guard;
  readonly decisions: Pick<DecisionStore, "find">;
  readonly logger: Pick<Logger, "warn" | "error">;
  readonly now: () => number;
}

export interface TokenIssuer {
  readonly keys: SigningKeys;
  readonly access: AccessTokens;
  readonly families: RefreshFamilies;
  readonly sessions: SessionTokens;
  readonly cookie: RefreshCookie;
}

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { config, guard, decisions, now } = options;
  const keys = createSigningKeys(options);
  const access = createAccessTokens({
    keys,
    now,
    issuer: config.publicUrl,
    audience: config.accessTokenAudience,
  });
  const families = createRefreshFamilies({ ...options, graceMs: config.refreshGraceMs });
  const sessions = createSessionTokens({ access, families, guard, decisions, now });
  return { keys, access, families, sessions, cookie: refreshCookie(config.publicUrl) };
}
