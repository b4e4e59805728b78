// Links in mails by which an owner acts on the account without a session. Each works once.

import { randomBytes } from "node:crypto";
import type { GenericEndpointContext } from "better-auth";
import { linkTo } from "../mail/one-time-link.ts";

type LinkStore = Pick<
  GenericEndpointContext["context"]["internalAdapter"],
  "createVerificationValue" | "consumeVerificationValue"
>;

/** What "this wasn't me" ends. */
export interface NotMe {
  readonly userId: string;
  /** A device with its sessions; without one, nothing is ended before the new password is set. */
  readonly device?: string | undefined;
  /** Every session, whatever its device. */
  readonly everywhere?: boolean | undefined;
}

/** Somebody may read the mail only after the weekend. */
const notMeForMs = 3 * 24 * 3_600_000;
const unlockForMs = 24 * 3_600_000;

export interface OwnerLink {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: number;
}

/** @param now milliseconds since 1970 */
export function createOwnerLinks(publicUrl: string, now: () => number) {
  async function make(store: LinkStore, path: string, value: string, forMs: number): Promise<OwnerLink> {
    const token = randomBytes(32).toString("base64url");
    const expiresAt = now() + forMs;
    await store.createVerificationValue({
      identifier: `${path.slice(1)}:${token}`,
      value,
      expiresAt: new Date(expiresAt),
    });
    return { url: linkTo(publicUrl, path, token), token, expiresAt };
  }

  /** @returns what the link is for, once; of two requests side by side one gets it */
  async function take(store: LinkStore, path: string, token: string): Promise<string | undefined> {
    return (await store.consumeVerificationValue(`${path.slice(1)}:${token}`))?.value;
  }

  return {
    notMe: (store: LinkStore, what: NotMe) => make(store, "/not-me", JSON.stringify(what), notMeForMs),
    unlock: (store: LinkStore, userId: string) => make(store, "/unlock", userId, unlockForMs),
    async takeNotMe(store: LinkStore, token: string): Promise<NotMe | undefined> {
      const value = await take(store, "/not-me", token);
      return value === undefined ? undefined : (JSON.parse(value) as NotMe);
    },
    takeUnlock: (store: LinkStore, token: string) => take(store, "/unlock", token),
  };
}
