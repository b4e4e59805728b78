// Better Auth, set up for flux-auth: passwords, short paths, the guard's plugin last.

import { randomBytes } from "node:crypto";
import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { Guard, PlaceLookup } from "@fluxstudio/guard";
import { guardPlugin } from "@fluxstudio/guard/better-auth";
import type { Logger } from "@fluxstudio/telemetry";
import { betterAuth, type GenericEndpointContext } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";
import { sql } from "kysely";
import { accountExport } from "./accounts/account-export.ts";
import { accountFlows } from "./accounts/account-flows.ts";
import { type AccountOptions, accountPlugins, unusedEndpoints } from "./accounts/accounts.ts";
import { emailAddresses } from "./accounts/email-address.ts";
import { inputLimits } from "./accounts/input-limits.ts";
import { maxPasswordLength } from "./accounts/password-policy.ts";
import { unicodePasswords } from "./accounts/unicode-passwords.ts";
import type { Config } from "./config.ts";
import type { Database } from "./database/database.ts";
import type { Devices } from "./devices/devices.ts";
import { devicesPlugin } from "./devices/devices-plugin.ts";
import { type Owner, ownerEndpoints } from "./devices/owner-endpoints.ts";
import { createRecovery } from "./devices/recovery.ts";
import { securityEvents } from "./devices/security-events-plugin.ts";
import { createSignInNotices } from "./devices/sign-in-notices.ts";
import type { EventStore } from "./events/event-store.ts";
import { createAccountMails } from "./mail/account-mails.ts";
import type { Mailer } from "./mail/mailer.ts";
import { ownChecks } from "./own-checks.ts";
import type { Passwords, Rehash } from "./passwords.ts";
import { sessionCookies } from "./session-cookies.ts";
import { shortPaths } from "./short-paths.ts";
import type { TokenIssuer } from "./tokens/token-issuer.ts";
import { tokensPlugin } from "./tokens/tokens-plugin.ts";

export const clientIpHeader = "x-flux-client-ip";
export const basePath = "/api/auth";

export interface AuthOptions {
  readonly config: Pick<Config, "publicUrl" | "trustedOrigins">;
  readonly database: Database;
  readonly guard: Guard;
  readonly issuer: TokenIssuer;
  readonly accountKey: (email: string) => string;
  readonly devices: Devices;
  readonly events: Pick<EventStore, "list">;
  readonly accounts: AccountOptions;
  readonly passwords: Passwords;
  /** Signs session cookies. */
  readonly secret: string;
  readonly logger: Logger;
  readonly mailer: Mailer;
  readonly place?: PlaceLookup | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Auth = ReturnType<typeof createAuth>;

/** A reset link is as good as a password, so it is short-lived; the other only says that the address is read. */
const resetForMs = 3_600_000;
const verifyForMs = 24 * 3_600_000;

export function createAuth(options: AuthOptions) {
  const { config, database, guard, issuer, accountKey, accounts, devices, secret, logger, now } = options;
  const { publicUrl } = config;
  const passwords = unicodePasswords(options.passwords);
  const mails = createAccountMails({ ...options, publicUrl, clientIpHeader, verifyForMs, resetForMs });
  const { verificationRequired } = accounts;
  const notices = createSignInNotices({ ...options, publicUrl, clientIpHeader });
  const recovery = createRecovery(options);
  const flows = accountFlows({
    ...{ database, mails, verificationRequired, verifyForMs, resetForMs },
    onRecovered: recovery.prove,
  });
  return betterAuth({
    baseURL: publicUrl,
    basePath,
    secret,
    trustedOrigins: [...config.trustedOrigins],
    // On SQLite's one connection a transaction would make everybody wait for the hash inside it.
    database: { db: database.kysely, type: database.dialect, transaction: database.dialect === "postgres" },
    emailAndPassword: {
      ...flows.emailAndPassword,
      minPasswordLength: accounts.passwords.minLength,
      maxPasswordLength,
      password: passwords,
    },
    emailVerification: flows.emailVerification,
    // Whoever reads the database, or a backup, finds no link that works.
    verification: { storeIdentifier: "hashed" },
    // See providers.ts: nothing that a provider hands over is kept, so there is nothing to update.
    account: { updateAccountOnSignIn: false },
    user: {
      ...flows.user,
      additionalFields: { role: { type: "string", input: false, required: false, defaultValue: "user" } },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // A browser that cannot be let in from elsewhere comes back to where it started.
    onAPIError: { throw: true, errorURL: new URL(pagePaths.signIn, publicUrl).href },
    logger: {
      level: "error",
      disableColors: true,
      // Behind a colon stands what the client sent: an address to be led to, with whatever token is in it.
      log: (_level, message) => logger.error({ source: "better-auth" }, `${message}`.split(":")[0]),
    },
    disabledPaths: ["/ok", "/error", ...unusedEndpoints(accounts)],
    advanced: {
      // csrf.ts has asked already, and knows programs without an Origin; where callbacks lead is still checked.
      disableCSRFCheck: true,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [clientIpHeader], ipv6Subnet: 128 },
      ...sessionCookies(publicUrl),
    },
    hooks: {
      after: createAuthMiddleware(async (ctx) => {
        const userId = ctx.path === "/sign-in/email" ? ctx.context.newSession?.user.id : undefined;
        const rehash = userId && passwords.takeRehash();
        if (userId && rehash) await replaceHash(database, userId, rehash);
      }),
    },
    plugins: [
      shortPaths(basePath, issuer.access.verifier),
      inputLimits(),
      emailAddresses(),
      flows.takenAddresses,
      ...accountPlugins(accounts, database),
      ...flows.plugins,
      accountExport(options),
      ownerEndpoints({ ...options, publicUrl, recovery, startReset }),
      securityEvents(options),
      guardPlugin({
        ...{ guard, accountKey, now },
        deviceOf: devices.ofAccount,
        checks: ownChecks,
        onFailure: notices.failed,
      }),
      // Behind the guard, which may refuse a sign-in at the last moment.
      devicesPlugin({ devices, recovery, notices, logger }),
      tokensPlugin(issuer),
    ],
  });

  /** As Better Auth does at /request-password-reset. */
  async function startReset(ctx: GenericEndpointContext, user: Owner): Promise<void> {
    const token = randomBytes(24).toString("base64url");
    await ctx.context.internalAdapter.createVerificationValue({
      identifier: `reset-password:${token}`,
      value: user.id,
      expiresAt: new Date(now() + resetForMs),
    });
    await mails.resetPassword({ user, token }, ctx.request);
  }
}

/** Only while the old hash still stands: a password changed meanwhile must not be changed back. */
async function replaceHash({ kysely }: Database, userId: string, { from, to }: Rehash): Promise<void> {
  await sql`update account set password = ${to} where "userId" = ${userId} and password = ${from}`.execute(
    kysely,
  );
}
