// Alerts by mail: handed to the outbox of mails, which sends them however long the mail server is away.

import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Mailer } from "../mail/mailer.ts";
import { securityAlert } from "../mail/messages/security-alert.ts";
import type { AlertSettings } from "./alert-settings.ts";
import { type AlertChannel, type ChannelMessage, DeliveryError } from "./channel.ts";

export interface MailChannelOptions extends NonNullable<AlertSettings["mail"]> {
  readonly mailer: Pick<Mailer, "enqueue" | "find" | "goTo">;
}

const testPollMs = 100;

export function createMailChannel({ to, severity, mailer }: MailChannelOptions): AlertChannel {
  async function send({ id, body }: ChannelMessage): Promise<string> {
    const message = securityAlert(body.data);
    for (const address of to) {
      const result = await mailer.enqueue({ to: address, message }, keyFor(id, address));
      // A key that is known was queued by an earlier try.
      if (result !== "queued" && result !== "known")
        throw new DeliveryError(`the outbox does not take it: ${result}`);
    }
    return `queued for ${to.length} ${to.length === 1 ? "address" : "addresses"}; flux mail list has what becomes of it`;
  }

  return {
    name: "mail",
    description: `${to.length} ${to.length === 1 ? "address" : "addresses"}`,
    severity,
    send,

    async test(message, signal) {
      await send(message);
      for (;;) {
        const mails = await Promise.all(to.map((address) => mailer.find(keyFor(message.id, address))));
        const bad = mails.find((mail) => mail?.lastError !== undefined);
        if (bad) throw new DeliveryError(bad.lastError ?? "");
        if (mails.every((mail) => mail?.status === "sent")) return `taken by ${mailer.goTo}`;
        if (signal.aborted)
          throw new DeliveryError(
            "the mail server has not answered yet; flux mail list has what becomes of it",
          );
        await pause(testPollMs);
      }
    },
  };
}

/** The same event makes one mail to each address, and nobody reads the address in the key. */
const keyFor = (id: string, address: string): string =>
  `alert:${id}:${createHash("sha256").update(address).digest("base64url").slice(0, 16)}`;
