// One password, however a keyboard composes its characters: NFKC before the hash.

import type { Passwords } from "../passwords.ts";

/** NIST SP 800-63B-4, 3.1.1.2 asks for NFKC or NFKD, so that "é" typed as one character or as two is the same password. */
export function normalisePassword(password: string): string {
  return password.normalize("NFKC");
}

/**
 * Passwords that were hashed as they were typed still verify. Whatever is given costs the same whether there is an account
 * and whether the password is right: with a second form, two hashes are computed.
 */
export function unicodePasswords(passwords: Passwords): Passwords {
  return {
    ...passwords,
    async hash(password) {
      const normal = normalisePassword(password);
      const hash = await passwords.hash(normal);
      if (password !== normal) await passwords.hash(password);
      return hash;
    },
    async verify({ hash, password }) {
      const normal = normalisePassword(password);
      const right = await passwords.verify({ hash, password: normal });
      if (password === normal) return right;
      return (await passwords.verify({ hash, password })) || right;
    },
  };
}
