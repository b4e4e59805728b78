// Tokens whose signature was found right, so that it need not be computed again: an Ed25519 check costs some 100 µs.

import { hash } from "node:crypto";
import type { AccessClaims } from "./claims.ts";

export interface VerifiedTokens {
  /** @param token the whole text, so that no other token can be taken for it */
  get(token: string): AccessClaims | undefined;
  add(token: string, claims: AccessClaims): void;
}

/**
 * The least recently used goes when there are more than `max`. What is kept is the token's SHA-256, not the token, so that a
 * heap dump lets nobody in. Times are not looked at: the caller checks them, as the clock moves on.
 */
export function createVerifiedTokens(max: number): VerifiedTokens {
  const claimsOf = new Map<string, AccessClaims>();
  const keyOf = (token: string) => hash("sha256", token, "base64");
  return {
    get(token) {
      const key = keyOf(token);
      const claims = claimsOf.get(key);
      if (claims) {
        // A Map lists its entries in the order in which they were put in.
        claimsOf.delete(key);
        claimsOf.set(key, claims);
      }
      return claims;
    },
    add(token, claims) {
      claimsOf.set(keyOf(token), claims);
      if (claimsOf.size <= max) return;
      const [oldest] = claimsOf.keys();
      if (oldest !== undefined) claimsOf.delete(oldest);
    },
  };
}
