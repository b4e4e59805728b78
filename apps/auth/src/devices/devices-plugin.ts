// Better Auth plugin: a browser becomes a known device of the account that signs in on it, and its owner sees and ends them.

import { type ClientContext, clientContext } from "@fluxstudio/guard/client-context";
import type { Logger } from "@fluxstudio/telemetry";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthEndpoint, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { z } from "zod";
import { randomId } from "./device-cookies.ts";
import type { Devices } from "./devices.ts";
import type { Owner } from "./owner-endpoints.ts";
import type { Recovery } from "./recovery.ts";
import type { SignInNotices } from "./sign-in-notices.ts";

export interface DevicesPluginOptions {
  readonly devices: Devices;
  readonly recovery: Recovery;
  readonly notices: SignInNotices;
  readonly logger: Pick<Logger, "error">;
}

/** Place it after the guard's plugin, which may refuse a sign-in at the last moment. */
export function devicesPlugin({ devices, recovery, notices, logger }: DevicesPluginOptions) {
  /** The sign-in stands without it: then this browser is a stranger the next time. */
  async function remember(
    ctx: GenericEndpointContext,
    client: ClientContext,
    visitor: Visitor,
  ): Promise<void> {
    const { ip, userAgent } = client;
    const { headers = new Headers() } = ctx;
    const { userId, id, user } = visitor;
    try {
      const visit = { headers, userId, id, ip, userAgent };
      const { cookies, attributes, isNew, isFirst } = await devices.remember(visit);
      for (const { name, value, maxAge } of cookies) ctx.setCookie(name, value, { ...attributes, maxAge });
      if (user && isNew && !isFirst) await notices.newDevice(ctx, user, id);
    } catch (error) {
      logger.error({ err: error }, "A device could not be remembered");
    }
  }

  /**
   * Better Auth opens the session of a changed password inside a transaction. Asked there, on another connection, as many changes at
   * once as there are connections would wait for each other.
   */
  const askedBefore = new WeakMap<ClientContext, ReadonlyMap<string, string>>();
  const before = createAuthMiddleware(async ({ headers }) => {
    const client = clientContext.getStore();
    if (client && headers) askedBefore.set(client, await devices.ofUsers(headers));
  });

  const after = createAuthMiddleware(async (ctx) => {
    const client = clientContext.getStore();
    if (!client) return;
    const made = ctx.context.newSession;
    const recovered = recovery.take(client);
    // A session that is merely renewed is new, too; but it keeps its device, and nothing was made in this request.
    if (client.device !== undefined && made?.session.deviceId === client.device) {
      const { user } = made;
      await remember(ctx, client, { userId: user.id, id: client.device, user });
    } else if (recovered !== undefined) {
      const known = ctx.headers && (await devices.ofUser(ctx.headers, recovered));
      await remember(ctx, client, { userId: recovered, id: known ?? randomId() });
    }
  });

  return {
    id: "flux-devices",
    schema: {
      session: { fields: { deviceId: { type: "string", required: false, input: false, index: true } } },
    },
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              async before(session, ctx) {
                const client = clientContext.getStore();
                if (!client || !ctx?.headers) return;
                const asked = askedBefore.get(client);
                const known = asked
                  ? asked.get(session.userId)
                  : await devices.ofUser(ctx.headers, session.userId);
                client.device = known ?? randomId();
                return { data: { deviceId: client.device } };
              },
            },
          },
          user: {
            delete: {
              async after({ id }) {
                await devices.forgetUser(id);
              },
            },
          },
        },
      },
    }),
    hooks: {
      before: [{ matcher: ({ path }) => path === "/change-password", handler: before }],
      after: [{ matcher: () => true, handler: after }],
    },
    endpoints: {
      listDevices: createAuthEndpoint("/devices", { method: "GET", requireHeaders: true }, async (ctx) => {
        const { session, user } = await signedIn(ctx);
        const rows = await devices.list(user.id);
        return ctx.json({
          devices: rows.map(({ id, name, created_at, last_used_at, last_ip, country, city }) => ({
            id,
            name,
            createdAt: new Date(created_at),
            lastUsedAt: new Date(last_used_at),
            ip: last_ip,
            country,
            city,
            current: id === session.deviceId,
          })),
        });
      }),

      revokeDevice: createAuthEndpoint(
        "/devices/revoke",
        { method: "POST", requireHeaders: true, body: z.object({ id: z.string().max(100) }) },
        async (ctx) => {
          const { user } = await signedIn(ctx);
          const revoked = await devices.revoke(user.id, ctx.body.id);
          // Asked for again, it ends what a request side by side with the first may have left.
          await endSessions(ctx, user.id, ctx.body.id);
          if (revoked) return ctx.json({ status: true });
          throw new APIError("NOT_FOUND", { code: "NOT_FOUND", message: "You have no such device." });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}

interface Visitor {
  readonly userId: string;
  readonly id: string;
  /** Who is to hear of a new device; nobody when it was the link in a mail that made it known. */
  readonly user?: Owner;
}

/** Ends the sessions of a device. */
export async function endSessions(
  ctx: GenericEndpointContext,
  userId: string,
  device: string,
): Promise<void> {
  const { adapter, internalAdapter } = ctx.context;
  const sessions = await adapter.findMany<{ token: string }>({
    model: "session",
    where: [
      { field: "userId", value: userId },
      { field: "deviceId", value: device },
    ],
  });
  // One by one, so that whatever hangs on a session ends with it.
  for (const { token } of sessions) await internalAdapter.deleteSession(token);
}

export async function signedIn(ctx: GenericEndpointContext) {
  const found = await getSessionFromCtx(ctx);
  if (found) return found;
  throw new APIError("UNAUTHORIZED", { code: "UNAUTHORIZED", message: "Sign in first." });
}
