// POST /not-me and POST /unlock: what an owner does with the links in our mails. A mail scanner's GET does nothing.

import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { z } from "zod";
import type { Devices } from "./devices.ts";
import { endSessions } from "./devices-plugin.ts";
import { createOwnerLinks } from "./owner-links.ts";
import type { Recovery } from "./recovery.ts";

/** Of an account. */
export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface OwnerEndpointsOptions {
  readonly devices: Devices;
  readonly recovery: Recovery;
  readonly publicUrl: string;
  /** Mails a link that sets a new password. */
  readonly startReset: (ctx: GenericEndpointContext, owner: Owner) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** For the guard's table: a link holds 256 random bits, and the account of a wrong one is not known. */
export const ownerChecks = {
  "/not-me": { account: "none", wrong: ["INVALID_TOKEN"], signsIn: false },
  "/unlock": { account: "none", wrong: ["INVALID_TOKEN"], signsIn: false },
} as const;

const body = z.object({ token: z.string().max(200) });

export function ownerEndpoints(options: OwnerEndpointsOptions) {
  const { devices, recovery, publicUrl, startReset, now } = options;
  const links = createOwnerLinks(publicUrl, now);

  return {
    id: "flux-owner",
    endpoints: {
      notMe: createAuthEndpoint("/not-me", { method: "POST", body }, async (ctx) => {
        const { internalAdapter } = ctx.context;
        const what = await links.takeNotMe(internalAdapter, ctx.body.token);
        const owner = what && (await internalAdapter.findUserById(what.userId));
        if (!what || !owner) throw wrongLink();
        if (what.device !== undefined) {
          await devices.revoke(owner.id, what.device);
          await endSessions(ctx, owner.id, what.device);
        }
        if (what.everywhere) await internalAdapter.deleteUserSessions(owner.id);
        await startReset(ctx, owner);
        return ctx.json({ status: true });
      }),

      unlock: createAuthEndpoint("/unlock", { method: "POST", body }, async (ctx) => {
        const userId = await links.takeUnlock(ctx.context.internalAdapter, ctx.body.token);
        const owner = userId && (await ctx.context.internalAdapter.findUserById(userId));
        if (!owner) throw wrongLink();
        await recovery.prove(owner);
        return ctx.json({ status: true });
      }),
    },
  } satisfies BetterAuthPlugin;
}

function wrongLink(): APIError {
  const message = "This link does not work any more. Each works once, and not for long.";
  return new APIError("BAD_REQUEST", { code: "INVALID_TOKEN", message });
}
