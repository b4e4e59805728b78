// What an account has beside an e-mail and a password: the rules for passwords, second factors, passkeys.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { Logger } from "@fluxstudio/telemetry";
import type { BetterAuthPlugin } from "better-auth";
import type { Config } from "../config.ts";
import type { Database } from "../database/database.ts";
import { deriveKey } from "../secret.ts";
import { addressRaces } from "./address-races.ts";
import { hashedBackupCodes } from "./backup-codes.ts";
import { createBreachedPasswords } from "./breached-passwords.ts";
import { evenAnswers } from "./even-answers.ts";
import { freshSessions } from "./fresh-sessions.ts";
import { passkeyFactor } from "./passkey-factor.ts";
import { passkeys } from "./passkeys.ts";
import { type PasswordPolicyOptions, passwordPolicy } from "./password-policy.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { type ProviderWaits, providerEndpoints, providerPlugins } from "./providers.ts";
import { secondFactor } from "./second-factor.ts";
import { signInOptions } from "./sign-in-options.ts";
import { uniqueRows } from "./unique-rows.ts";
import { usedCodes } from "./used-codes.ts";

export interface AccountOptions {
  readonly passwords: PasswordPolicyOptions;
  /** Whether an address is confirmed before its account can be used. */
  readonly verificationRequired: boolean;
  readonly providers: readonly ProviderSettings[];
  readonly providerWaits: ProviderWaits | undefined;
  readonly logger: Pick<Logger, "error">;
  /** Keys the hashes of backup codes. */
  readonly backupCodeKey: Buffer;
  /** What authenticator apps and password managers show. */
  readonly siteName: string;
  /** The origins whose pages people sign in on; the first is the server's own. */
  readonly origins: readonly [string, ...string[]];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface AccountSources {
  readonly config: Pick<Config, "accounts" | "publicUrl" | "trustedOrigins">;
  readonly secret: string;
  readonly logger: Logger;
  readonly providerWaits?: ProviderWaits | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function toAccountOptions(sources: AccountSources): AccountOptions {
  const { config, secret, logger, providerWaits, now } = sources;
  const {
    minPasswordLength: minLength,
    breachedPasswordsUrl: url,
    emailVerification,
    providers,
  } = config.accounts;
  const onFailure = (error: unknown) =>
    logger.warn(
      { err: error },
      "Nobody says whether a password is in a breach; the list that comes along is asked alone",
    );
  return {
    passwords: {
      minLength,
      breached: url === undefined ? undefined : createBreachedPasswords({ url, now, onFailure }),
    },
    verificationRequired: emailVerification === "required",
    providers,
    providerWaits,
    logger,
    backupCodeKey: deriveKey(secret, "backup-codes"),
    siteName: "Flux Studio",
    origins: [config.publicUrl, ...config.trustedOrigins],
    now,
  };
}

export function accountPlugins(options: AccountOptions, database: Database) {
  const { passwords, verificationRequired, providers, providerWaits, logger } = options;
  const { backupCodeKey, siteName, origins, now } = options;
  const codes = hashedBackupCodes(backupCodeKey);
  const factor = secondFactor({
    siteName,
    signInUrl: new URL(pagePaths.signIn, origins[0]).href,
    storeBackupCodes: codes.storage,
  });
  return [
    evenAnswers([
      "/request-password-reset",
      "/change-email",
      ...(verificationRequired ? ["/sign-up/email"] : []),
    ]),
    uniqueRows(),
    addressRaces(),
    passwordPolicy(passwords),
    freshSessions(),
    usedCodes(),
    codes.plugin,
    ...providerPlugins({ providers, waits: providerWaits, logger, now }),
    factor,
    // Behind it, whose answers it completes.
    passkeyFactor(factor.endpoints.enableTwoFactor, database),
    ...passkeys({ siteName, origins, database }),
    signInOptions({ passwords, verificationRequired, providers }),
  ] satisfies BetterAuthPlugin[];
}

/** What the libraries could do as well, and nobody here needs: each would be one more door to guard. */
export function unusedEndpoints({ providers }: Pick<AccountOptions, "providers">): string[] {
  return [
    // Codes by mail are no second factor for whoever reads the mail, which resets passwords.
    "/two-factor/send-otp",
    "/two-factor/verify-otp",
    // What providers hand over beside the identity is not kept.
    "/account-info",
    "/get-access-token",
    "/refresh-token",
    ...(providers.length === 0 ? providerEndpoints : []),
  ];
}
