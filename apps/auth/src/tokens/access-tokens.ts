// Access tokens (RFC 9068): who somebody is and in which session, signed, good for a quarter of an hour.

import { randomUUID } from "node:crypto";
import { createVerifier, type Verifier } from "@fluxstudio/verify";
import { SignJWT } from "jose";
import type { SigningKeys } from "./signing-keys.ts";

export interface AccessTokensOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => number;
}

/** Whom a token speaks for. */
export interface TokenSubject {
  readonly userId: string;
  /** The session's id, which lets nobody in. */
  readonly sessionId: string;
  /** One role, or several with commas between them. */
  readonly role: string | null | undefined;
}

export interface AccessTokens {
  issue(subject: TokenSubject): Promise<string>;
  /** As other services verify them, with the keys at hand. */
  readonly verifier: Verifier;
}

export const accessTokenSeconds = 15 * 60;

export function createAccessTokens({ keys, issuer, audience, now }: AccessTokensOptions): AccessTokens {
  return {
    async issue({ userId, sessionId, role }) {
      const { kid, privateKey } = await keys.signer();
      const iat = Math.floor(now() / 1000);
      return new SignJWT({ sid: sessionId, roles: rolesOf(role) })
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(iat)
        .setExpirationTime(iat + accessTokenSeconds)
        .setJti(randomUUID())
        .sign(privateKey);
    },
    verifier: createVerifier({
      issuer,
      audience,
      now,
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      // The address names the keys; they need not be asked for over the network.
      fetch: async () => Response.json(await keys.published()),
    }),
  };
}

const rolesOf = (role: string | null | undefined): string[] =>
  (role ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
