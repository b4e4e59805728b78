// Who an account is, without saying so: a keyed hash of the normalised e-mail.

import { createHmac, createSecretKey } from "node:crypto";

/**
 * Makes the hash under which an account is counted, stored and shown. Spellings of one address share it: case, spaces around
 * it, and Unicode forms (NFKC). Addresses nobody has signed up with get one too, so guessing at them counts as well.
 * @param key secret of at least 32 bytes; without it nobody can try addresses against the hashes
 * @returns 22 base64url characters (128 bits of HMAC-SHA-256)
 */
export function createAccountKey(key: Uint8Array): (email: string) => string {
  // Made once: making it costs more than the hash.
  const secretKey = createSecretKey(key);
  return (email) =>
    createHmac("sha256", secretKey).update(normaliseEmail(email)).digest("base64url").slice(0, 22);
}

export function normaliseEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}
