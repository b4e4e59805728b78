// GET /export: everything that is kept about oneself, as JSON to take away, without anything that signs in.

import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, getSessionFromCtx } from "better-auth/api";
import type { Database } from "../database/database.ts";
import { listOwnEvents, type OwnEventsOptions } from "../events/own-events.ts";

export interface AccountExportOptions extends OwnEventsOptions {
  readonly database: Database;
}

/** As many as one question to the store may bring. */
const mostEvents = 1_000;

/** What is told of each; whatever is added to a table later is not told before it is listed here. */
const told = {
  user: [
    "id",
    "name",
    "email",
    "emailVerified",
    "image",
    "role",
    "twoFactorEnabled",
    "createdAt",
    "updatedAt",
  ],
  session: ["createdAt", "updatedAt", "expiresAt", "ipAddress", "userAgent"],
  account: ["providerId", "accountId", "createdAt", "updatedAt"],
  passkey: ["name", "deviceType", "backedUp", "createdAt"],
} as const;

export function accountExport({ database, ...sources }: AccountExportOptions) {
  return {
    id: "flux-account-export",
    endpoints: {
      exportAccount: createAuthEndpoint("/export", { method: "GET", requireHeaders: true }, async (ctx) => {
        const session = await getSessionFromCtx(ctx);
        if (!session) throw new APIError("UNAUTHORIZED", { code: "UNAUTHORIZED", message: "Sign in first." });
        const { id } = session.user;
        const where = [{ field: "userId", value: id }];
        const list = async (model: "session" | "account" | "passkey") => {
          const rows = await ctx.context.adapter.findMany<Record<string, unknown>>({ model, where });
          return rows.map((row) => pick(row, told[model]));
        };
        const devices = database.kysely
          .selectFrom("device")
          .select(["name", "created_at", "last_used_at", "last_ip", "country", "city", "revoked_at"])
          .where("user_id", "=", id);
        const found = await listOwnEvents(sources, session.user, mostEvents);
        ctx.setHeader("cache-control", "no-store");
        ctx.setHeader("content-disposition", 'attachment; filename="account.json"');
        return ctx.json({
          profile: pick(session.user, told.user),
          sessions: await list("session"),
          accounts: await list("account"),
          passkeys: await list("passkey"),
          devices: (await devices.execute()).map((row) => ({
            name: row.name,
            createdAt: new Date(row.created_at),
            lastUsedAt: new Date(row.last_used_at),
            lastIp: row.last_ip,
            country: row.country,
            city: row.city,
            revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
          })),
          securityEvents: found.map(({ event: { id: eventId, at, signal }, status }) => {
            const { type, ip, userAgent = null } = signal;
            return { id: eventId, at: new Date(at), type, status, ip, userAgent };
          }),
        });
      }),
    },
  } satisfies BetterAuthPlugin;
}

function pick(row: object, fields: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = { ...row };
  return Object.fromEntries(fields.map((field) => [field, values[field] ?? null]));
}
