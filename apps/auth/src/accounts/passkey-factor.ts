// Passkeys as a second factor: asked for after a password, beside an authenticator app or without one.

import { BASE_ERROR_CODES, type BetterAuthPlugin, type GenericEndpointContext, type User } from "better-auth";
import {
  APIError,
  createAuthEndpoint,
  createAuthMiddleware,
  getSessionFromCtx,
  isAPIError,
  sensitiveSessionMiddleware,
  verifyPassword,
} from "better-auth/api";
import type { twoFactor } from "better-auth/plugins/two-factor";
import { sql } from "kysely";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { withUserLock } from "../database/user-lock.ts";
import { challengedUser, endChallenge } from "./challenge.ts";

type EnableTwoFactor = ReturnType<typeof twoFactor>["endpoints"]["enableTwoFactor"];
type LockableDatabase = Pick<Database, "kysely" | "dialect">;
type Method = "totp" | "passkey";

interface Passkey {
  readonly credentialID: string;
  readonly transports?: string | null;
}

interface TwoFactor {
  readonly id: string;
  readonly verified: boolean;
  readonly backupCodes: string;
}

/** For the guard's table. */
export const passkeyFactorChecks = {
  "/two-factor/enable-passkey": { account: "session", wrong: ["INVALID_PASSWORD"], signsIn: false },
} as const;

const invalid = (code: string, message: string) => new APIError("BAD_REQUEST", { code, message });

/**
 * Better Auth knows codes as second factors. An account that only has passkeys gets its row, too: it holds the backup codes, and
 * a secret for an authenticator app that nobody has proved, so that no code of it is taken.
 * @param enableTwoFactor Better Auth's endpoint, which compares the password and makes that row
 */
export function passkeyFactor(enableTwoFactor: EnableTwoFactor, database: LockableDatabase) {
  const keptCodes = new WeakMap<object, TwoFactor>();

  return {
    id: "flux-passkey-factor",
    endpoints: {
      enablePasskeyFactor: createAuthEndpoint(
        "/two-factor/enable-passkey",
        {
          method: "POST",
          body: z.object({ password: z.string().optional() }),
          use: [sensitiveSessionMiddleware],
        },
        async (ctx) => {
          const { user } = ctx.context.session;
          const { password } = ctx.body;
          const plain = { asResponse: false, returnHeaders: false, returnStatus: false } as const;
          // First, so that a wrong one is told, and counted, whatever else is missing.
          if (await ctx.context.internalAdapter.findCredentialAccount(user.id)) {
            if (!password) throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.INVALID_PASSWORD);
            await verifyPassword({ ...ctx, ...plain, body: { password } });
          }
          // One of several requests turns it on, and gives the backup codes out.
          if (!(await turnOn(database, user.id))) {
            if (await isOn(ctx, user.id))
              throw invalid("SECOND_FACTOR_IS_ON", "The second factor is on already.");
            throw invalid("PASSKEY_MISSING", "Add a passkey first.");
          }
          const codes = enableTwoFactor({ ...ctx, ...plain, body: { password, method: "totp" } });
          const { backupCodes } = (await codes.catch(async (error: unknown) => {
            await ctx.context.internalAdapter.updateUser(user.id, { twoFactorEnabled: false });
            throw error;
          })) as { backupCodes?: readonly string[] };
          return ctx.json({ backupCodes });
        },
      ),

      secondFactorMethods: createAuthEndpoint("/second-factor", { method: "GET" }, async (ctx) => {
        const session = await getSessionFromCtx(ctx);
        const userId = session?.user.id ?? (await challengedUser(ctx));
        if (userId === undefined) throw nothingWaits();
        return ctx.json({ methods: (await isOn(ctx, userId)) ? await methodsOf(ctx, userId) : [] });
      }),
    },
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === "/two-factor/enable",
          handler: createAuthMiddleware(async (ctx) => {
            const session = await getSessionFromCtx(ctx);
            if (!session || !(await isOn(ctx, session.user.id))) return;
            const row = await rowOf(ctx, session.user.id);
            if (row) keptCodes.set(ctx.context, row);
          }),
        },
      ],
      after: [
        {
          // An app that is added to passkeys replaces the secret that nobody has; the codes in the drawer go on working.
          matcher: ({ path }) => path === "/two-factor/enable",
          handler: createAuthMiddleware(async (ctx) => {
            const { returned } = ctx.context;
            const kept = keptCodes.get(ctx.context);
            if (!kept || isAPIError(returned) || typeof returned !== "object") return;
            await ctx.context.adapter.update({
              model: "twoFactor",
              where: [{ field: "id", value: kept.id }],
              update: { backupCodes: kept.backupCodes },
            });
            return ctx.json({ ...returned, backupCodes: [] });
          }),
        },
        {
          matcher: ({ path }) => path === "/sign-in/email",
          handler: createAuthMiddleware(async (ctx) => {
            const { returned } = ctx.context;
            if (isAPIError(returned) || !isChallenge(returned)) return;
            const found = await ctx.context.internalAdapter.findUserByEmail(
              String(ctx.body.email).toLowerCase(),
            );
            if (!found) return;
            return ctx.json({ ...returned, twoFactorMethods: await methodsOf(ctx, found.user.id) });
          }),
        },
        {
          // At the second step nobody else's passkey will do, so browsers are told which ones to offer.
          matcher: ({ path, query }) =>
            path === "/passkey/generate-authenticate-options" && query?.step === "second-factor",
          handler: createAuthMiddleware(async (ctx) => {
            const { returned } = ctx.context;
            if (isAPIError(returned) || typeof returned !== "object") return;
            const userId = await challengedUser(ctx);
            if (userId === undefined) throw nothingWaits();
            const passkeys = await passkeysOf(ctx, userId);
            if (passkeys.length === 0) throw invalid("PASSKEY_MISSING", "This account has no passkey.");
            return ctx.json({ ...returned, allowCredentials: passkeys.map(toDescriptor) });
          }),
        },
        {
          matcher: ({ path }) => path === "/passkey/verify-authentication",
          handler: createAuthMiddleware(async (ctx) => {
            if (!isAPIError(ctx.context.returned)) await endChallenge(ctx);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** @returns whether it was off, and there is a passkey to ask for, which is not deleted meanwhile */
async function turnOn(database: LockableDatabase, userId: string): Promise<boolean> {
  const { rows } = await withUserLock(database, userId, (transaction) =>
    sql`
      update "user" set "twoFactorEnabled" = true
      where id = ${userId} and "twoFactorEnabled" is not true
        and exists (select 1 from passkey where "userId" = ${userId})
      returning id`.execute(transaction),
  );
  return rows.length > 0;
}

const nothingWaits = () =>
  new APIError("UNAUTHORIZED", {
    code: "INVALID_TWO_FACTOR_COOKIE",
    message: "No sign-in waits for a second factor here.",
  });

const isChallenge = (returned: unknown): returned is object =>
  (returned as { twoFactorRedirect?: true } | undefined)?.twoFactorRedirect === true;

async function isOn(ctx: GenericEndpointContext, userId: string): Promise<boolean> {
  const user = (await ctx.context.internalAdapter.findUserById(userId)) as
    | (User & { twoFactorEnabled?: boolean | null })
    | null;
  return user?.twoFactorEnabled === true;
}

async function methodsOf(ctx: GenericEndpointContext, userId: string): Promise<Method[]> {
  const methods: Method[] = [];
  if (await hasApp(ctx, userId)) methods.push("totp");
  if ((await passkeysOf(ctx, userId)).length > 0) methods.push("passkey");
  return methods;
}

async function hasApp(ctx: GenericEndpointContext, userId: string): Promise<boolean> {
  const row = await rowOf(ctx, userId);
  return row !== null && row.verified !== false;
}

const rowOf = (ctx: GenericEndpointContext, userId: string) =>
  ctx.context.adapter.findOne<TwoFactor>({
    model: "twoFactor",
    where: [{ field: "userId", value: userId }],
  });

const passkeysOf = (ctx: GenericEndpointContext, userId: string) =>
  ctx.context.adapter.findMany<Passkey>({ model: "passkey", where: [{ field: "userId", value: userId }] });

const toDescriptor = ({ credentialID, transports }: Passkey) => ({
  id: credentialID,
  type: "public-key",
  ...(transports ? { transports: transports.split(",") } : {}),
});
