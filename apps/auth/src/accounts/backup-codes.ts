// Backup codes are kept as keyed hashes: whoever reads the database cannot use them.

import { createHmac } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/** What Better Auth asks for to keep a list of codes, which comes and goes as JSON. */
export interface BackupCodeStorage {
  encrypt(json: string): Promise<string>;
  decrypt(stored: string): Promise<string>;
}

const hashed = /^hmac:/;

/**
 * A code has some 59 random bits, so a fast hash does. The code in a request is hashed before Better Auth looks for it in the
 * list; a stolen hash sent as a code is hashed again, and found nowhere.
 */
export function hashedBackupCodes(key: Buffer) {
  const hash = (code: string) => `hmac:${createHmac("sha256", key).update(code).digest("base64url")}`;
  const storage: BackupCodeStorage = {
    // New codes come as they are shown; the rest of a list from which one was used comes hashed.
    async encrypt(json) {
      const codes: string[] = JSON.parse(json);
      return JSON.stringify(codes.map((code) => (hashed.test(code) ? code : hash(code))));
    },
    decrypt: async (stored) => stored,
  };
  const plugin = {
    id: "flux-backup-codes",
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/two-factor/verify-backup-code",
          handler: createAuthMiddleware(async ({ body }) => {
            if (typeof body?.code === "string")
              return { context: { body: { code: hash(body.code.trim()) } } };
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
  return { storage, plugin };
}
