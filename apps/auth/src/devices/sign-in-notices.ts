// What an owner hears by mail about sign-ins: a new device, a right password without the second factor, a locked account.

import type { PlaceLookup } from "@fluxstudio/guard";
import type { SignInFailure } from "@fluxstudio/guard/better-auth";
import type { Logger } from "@fluxstudio/telemetry";
import type { GenericEndpointContext } from "better-auth";
import type { Mailer } from "../mail/mailer.ts";
import { accountLocked } from "../mail/messages/account.ts";
import { newDevice, secondFactorFailed } from "../mail/messages/sign-in.ts";
import { keyOf } from "../mail/one-time-link.ts";
import { createRequestOccasion } from "../mail/request-occasion.ts";
import type { Owner } from "./owner-endpoints.ts";
import { createOwnerLinks } from "./owner-links.ts";

export interface SignInNoticesOptions {
  readonly mailer: Pick<Mailer, "enqueue">;
  readonly publicUrl: string;
  readonly clientIpHeader: string;
  readonly place?: PlaceLookup | undefined;
  readonly logger: Pick<Logger, "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type SignInNotices = ReturnType<typeof createSignInNotices>;

const hourMs = 3_600_000;

export function createSignInNotices(options: SignInNoticesOptions) {
  const { mailer, publicUrl, logger, now } = options;
  const links = createOwnerLinks(publicUrl, now);
  const occasionOf = createRequestOccasion(options);
  const occasionIn = ({ headers }: GenericEndpointContext) => occasionOf(headers && { headers });

  async function secondFactor(ctx: GenericEndpointContext, { id, email, name }: Owner): Promise<void> {
    const { url } = await links.notMe(ctx.context.internalAdapter, { userId: id });
    const message = secondFactorFailed({ name, occasion: occasionIn(ctx), notMeUrl: url });
    // One an hour: whoever has the password can try codes all day long.
    const key = `second-factor-failed:${id}:${Math.floor(now() / hourMs)}`;
    await mailer.enqueue({ to: email, message }, key);
  }

  async function locked(ctx: GenericEndpointContext, { id, email, name }: Owner): Promise<void> {
    const { url, token, expiresAt } = await links.unlock(ctx.context.internalAdapter, id);
    const message = accountLocked({ name, url, expiresAt });
    await mailer.enqueue({ to: email, message }, keyOf("account-locked", token));
  }

  return {
    async newDevice(ctx: GenericEndpointContext, { id, email, name }: Owner, device: string): Promise<void> {
      const { url, token } = await links.notMe(ctx.context.internalAdapter, { userId: id, device });
      const message = newDevice({ name, occasion: occasionIn(ctx), notMeUrl: url });
      await mailer.enqueue({ to: email, message }, keyOf("new-device", token));
    },

    /** Answers at once: a stranger must not learn by the time that it takes whether there is somebody to write to. */
    async failed({ ctx, email, isSecondFactor, outcome }: SignInFailure): Promise<void> {
      const isLocked = outcome.detections.some(
        ({ rule, mode, evidence }) =>
          rule === "account-guessing" && mode === "enforce" && evidence.what === "in-a-row",
      );
      if (email === undefined || !(isLocked || isSecondFactor)) return;
      const tell = async () => {
        const found = await ctx.context.internalAdapter.findUserByEmail(email);
        if (!found) return;
        if (isSecondFactor) await secondFactor(ctx, found.user);
        if (isLocked) await locked(ctx, found.user);
      };
      tell().catch((error) => logger.error({ err: error }, "An owner could not be told"));
    },
  };
}
