// Second factor: codes of an authenticator app, and backup codes for the day when the phone is gone.

import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware, isAPIError } from "better-auth/api";
import { twoFactor } from "better-auth/plugins/two-factor";
import { isTaken } from "../database/taken.ts";
import type { BackupCodeStorage } from "./backup-codes.ts";

export interface SecondFactorOptions {
  readonly siteName: string;
  /** The page that asks for the second factor when somebody comes back from a provider. */
  readonly signInUrl: string;
  readonly storeBackupCodes: BackupCodeStorage;
}

/** A challenge, that is a right password without its second factor, lasts 10 minutes. */
const challengeSeconds = 600;

/**
 * Wrong codes in a row, from wherever, after which no code is taken for a while: NIST SP 800-63B-4, 3.2.2. The guard stops
 * strangers long before, and lets the owner's known devices go on; this is the bound that holds without it.
 */
const accountLockout = { enabled: true, maxFailedAttempts: 100, durationSeconds: 900 };

/** Better Auth keeps the secret encrypted, and takes five codes for each challenge. */
export function secondFactor({ siteName, signInUrl, storeBackupCodes }: SecondFactorOptions) {
  const plugin = twoFactor({
    issuer: siteName,
    twoFactorCookieMaxAge: challengeSeconds,
    accountLockout,
    // Who signs in with a provider or passkeys alone has no password to give; fresh-sessions.ts asks for more then.
    allowPasswordless: true,
    backupCodeOptions: { storeBackupCodes },
  });
  const { enableTwoFactor: enable } = plugin.endpoints;
  const enableTwoFactor = Object.assign(
    (...input: Parameters<typeof enable>) =>
      enable(...input).catch((error: unknown) => {
        // Whoever comes second now finds the first one's row, and is answered as if he had come a moment later.
        if (isTaken(error)) return enable(...input);
        throw error;
      }),
    enable,
  ) as typeof enable;
  return {
    ...plugin,
    endpoints: { ...plugin.endpoints, enableTwoFactor },
    hooks: {
      before: [{ matcher: isVerification, handler: plainVerification }],
      after: plugin.hooks.after.flatMap((hook) => [hook, ...afterProvider(hook.handler, signInUrl)]),
    },
  } satisfies BetterAuthPlugin;
}

type Challenge = ReturnType<typeof twoFactor>["hooks"]["after"][number]["handler"];

/**
 * A provider's word replaces the password, not the second factor: its owner asked for one here, and this server cannot know
 * what the provider asked for. Better Auth makes a challenge of password sign-ins only, so its hook runs here, too; its
 * answer is for a program, and a browser is led to the page that asks.
 */
function afterProvider(challenge: Challenge, signInUrl: string) {
  const matcher = ({ path }: { path?: string | undefined }) => path === "/callback/:id";
  const destinations = new WeakMap<object, string>();
  return [
    {
      matcher,
      handler: createAuthMiddleware(async ({ context }) => {
        const { returned } = context;
        const location = isAPIError(returned) ? new Headers(returned.headers).get("location") : null;
        if (location !== null) destinations.set(context, location);
      }),
    },
    { matcher, handler: challenge },
    {
      matcher,
      handler: createAuthMiddleware(async (ctx) => {
        const { returned } = ctx.context;
        if (
          isAPIError(returned) ||
          !(returned as { twoFactorRedirect?: true } | undefined)?.twoFactorRedirect
        )
          return;
        const page = new URL(signInUrl);
        page.searchParams.set("step", "second-factor");
        const next = URL.parse(destinations.get(ctx.context) ?? "", signInUrl);
        if (next?.origin === page.origin) page.searchParams.set("next", next.pathname + next.search);
        throw ctx.redirect(page.href);
      }),
    },
  ];
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
