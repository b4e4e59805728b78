// Sends what is due on each channel, one alert after the other, and reports what came of each.

import type { Logger } from "@fluxstudio/telemetry";
import { plain } from "../mail/plain.ts";
import { retryDelayMs } from "../mail/retry-delay.ts";
import { type AlertChannel, DeliveryError } from "./channel.ts";
import type { ClaimedDelivery, DeliveryQueue } from "./delivery-queue.ts";

export interface DeliverySenderOptions {
  readonly queue: DeliveryQueue;
  readonly channels: readonly AlertChannel[];
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface DeliverySender {
  /** Begins to send what is due, if it has not begun. */
  wake(): void;
  /** Resolves when this process is sending nothing. */
  idle(): Promise<void>;
  /** Begins nothing new, and ends the tries that are under way after `graceMs`: their alerts are sent later. */
  close(graceMs: number): Promise<void>;
}

export function createDeliverySender(options: DeliverySenderOptions): DeliverySender {
  const { queue, channels, logger, now, random } = options;
  const running = new Map<string, Promise<void>>();
  const closing = new AbortController();
  let closed = false;

  async function sendAll(channel: AlertChannel): Promise<void> {
    while (!closed) {
      const delivery = await queue.claim(channel.name, now());
      // While the receiver is away, a try at each wake is enough; the other alerts wait as they are.
      if (!delivery || !(await deliver(channel, delivery))) return;
    }
  }

  /** Whether it makes sense to go on with the next one. */
  async function deliver(channel: AlertChannel, delivery: ClaimedDelivery): Promise<boolean> {
    const { id, body } = delivery;
    const fields = { channel: channel.name, alert: id, type: body.type, attempts: delivery.attempts };
    if (now() >= delivery.giveUpAt) {
      await giveUp(delivery, "no process was there to send it in time", fields);
      return true;
    }
    try {
      await channel.send({ id, body, at: now() }, closing.signal);
    } catch (error) {
      const nextAttemptAt = now() + waitMs(delivery.attempts, error);
      const reason = reasonOf(error);
      if (nextAttemptAt >= delivery.giveUpAt) await giveUp(delivery, reason, fields);
      else {
        await queue.failed(delivery, reason, nextAttemptAt);
        logger.warn({ ...fields, reason, nextAttemptAt }, "An alert could not be sent; it is tried again");
      }
      return false;
    }
    // When this fails, or the process ends just here, it is sent twice with the same id: better than never.
    await queue.sent(delivery, now());
    logger.info(fields, "An alert was sent");
    return true;
  }

  async function giveUp(delivery: ClaimedDelivery, reason: string, fields: object): Promise<void> {
    await queue.giveUp(delivery, reason);
    logger.error({ ...fields, reason }, "An alert could not be sent and is given up");
  }

  const waitMs = (attempts: number, error: unknown): number =>
    Math.max(retryDelayMs(attempts, random()), error instanceof DeliveryError ? error.retryAfterMs : 0);

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running.values());
  }

  return {
    wake() {
      if (closed) return;
      for (const channel of channels) {
        if (running.has(channel.name)) continue;
        const run = sendAll(channel)
          .catch((error) =>
            logger.error({ err: error }, "Alerts cannot be read from the database; they wait"),
          )
          .finally(() => running.delete(channel.name));
        running.set(channel.name, run);
      }
    },
    idle,
    async close(graceMs) {
      closed = true;
      const timer = setTimeout(() => closing.abort(), graceMs);
      await idle();
      clearTimeout(timer);
    },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof DeliveryError
    ? error.message
    : plain(error instanceof Error ? error.message : String(error), 200);
