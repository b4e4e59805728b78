// Access tokens (RFC 9068): who somebody is and in which session, signed, good for a quarter of an hour.

import { type KeyObject, randomUUID, sign } from "node:crypto";
import { createVerifier, type Verifier } from "@fluxstudio/verify";
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
      const header = { alg: "EdDSA", typ: "at+jwt", kid };
      const claims = { iss: issuer, aud: audience, sub: userId, sid: sessionId, roles: rolesOf(role) };
      const times = { iat, exp: iat + accessTokenSeconds };
      return signCompact(header, { ...claims, ...times, jti: randomUUID() }, privateKey);
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

/**
 * RFC 7515, 7.1. The runtime signs in a third of the time that jose takes through Web Crypto, and a refresh does little else. What
 * is signed is all ours; to verify what others send is another matter, and jose's.
 */
function signCompact(header: object, claims: object, key: KeyObject): string {
  const [head, body] = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString("base64url")}`;
}

const rolesOf = (role: string | null | undefined): string[] =>
  (role ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
