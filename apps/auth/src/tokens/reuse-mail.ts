// Tells an owner that one of his refresh tokens was copied, and that its session has ended.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { PlaceLookup } from "@fluxstudio/guard";
import { clientContext } from "@fluxstudio/guard/client-context";
import { sessionValue } from "@fluxstudio/verify";
import type { Mailer } from "../mail/mailer.ts";
import { refreshTokenReuse } from "../mail/messages/sign-in.ts";
import type { FamilySession } from "./refresh-families.ts";

export interface ReuseMailOptions {
  readonly mailer: Pick<Mailer, "post">;
  readonly publicUrl: string;
  readonly place?: PlaceLookup | undefined;
  readonly now: () => number;
}

/** The occasion is that of the request that showed the old token: its owner knows whether that was him. */
export function createReuseMail({ mailer, publicUrl, place, now }: ReuseMailOptions) {
  return ({ id, email, name }: FamilySession): void => {
    const client = clientContext.getStore();
    if (!client) return;
    const { ip, userAgent } = client;
    const occasion = { at: now(), ip, place: place?.(ip), userAgent };
    const notMeUrl = new URL(pagePaths.forgotPassword, publicUrl).href;
    const message = refreshTokenReuse({ name, occasion, notMeUrl });
    mailer.post({ to: email, message }, `refresh-token-reuse:${sessionValue(id)}`);
  };
}
