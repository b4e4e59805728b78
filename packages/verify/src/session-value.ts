// Under which value signals and decisions speak of a session.

import { hash } from "node:crypto";

/**
 * The value of the scope `session`: services look decisions up under it, in `isRevoked` for instance.
 * @param sid the claim of an access token; it has too many random bits to be found from its hash
 * @returns 22 base64url characters (128 bits of SHA-256)
 */
export function sessionValue(sid: string): string {
  return hash("sha256", sid, "base64url").slice(0, 22);
}
