// Second factor: codes of an authenticator app, and backup codes for the day when the phone is gone.

import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { BackupCodeStorage } from "./backup-codes.ts";

export interface SecondFactorOptions {
  readonly siteName: string;
  readonly storeBackupCodes: BackupCodeStorage;
}

/** A challenge, that is a right password without its second factor, lasts 10 minutes. */
const challengeSeconds = 600;

/**
 * Better Auth keeps the secret encrypted, takes 5 codes for each challenge, and after 10 wrong ones in a row takes none for the
 * account for 15 minutes (NIST SP 800-63B-4, 3.2.2 allows 100). Both are beside what the guard counts for an address.
 */
export function secondFactor({ siteName, storeBackupCodes }: SecondFactorOptions) {
  const plugin = twoFactor({
    issuer: siteName,
    twoFactorCookieMaxAge: challengeSeconds,
    // Who signs in with a provider or passkeys alone has no password to give; fresh-sessions.ts asks for more then.
    allowPasswordless: true,
    backupCodeOptions: { storeBackupCodes },
  });
  return {
    ...plugin,
    hooks: { ...plugin.hooks, before: [{ matcher: isVerification, handler: plainVerification }] },
  } satisfies BetterAuthPlugin;
}

const isVerification = ({ path }: { path?: string | undefined }): boolean =>
  path === "/two-factor/verify-totp" || path === "/two-factor/verify-backup-code";

/**
 * No device is excused from the second factor: its cookie would be worth as much as the factor, could not be seen or revoked
 * by the owner, and would outlive a change of password. Every right code ends in a session.
 */
const plainVerification = createAuthMiddleware(async () => ({
  context: { body: { trustDevice: false, disableSession: false } },
}));
