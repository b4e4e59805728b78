// Sends what is due in the outbox, some mails at a time, and reports what came of each.

import type { Logger } from "@fluxstudio/telemetry";
import { failureOf } from "./failure.ts";
import type { ClaimedMail, Outbox } from "./outbox.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { MailTransport } from "./transport.ts";

export interface SenderOptions {
  readonly outbox: Outbox;
  readonly transport: MailTransport;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A try that takes longer is given up; shorter than the outbox's lease. @default 180_000 */
  readonly sendTimeoutMs?: number;
}

export interface Sender {
  /** Begins to send what is due, if it has not begun. */
  wake(): void;
  /** Resolves when this process is sending nothing. */
  idle(): Promise<void>;
  /** Begins nothing new, and ends the tries that are under way after `graceMs`: their mails are sent later. */
  close(graceMs: number): Promise<void>;
}

/** As many as the transport has connections. */
const sendAtOnce = 3;

export function createSender(options: SenderOptions): Sender {
  const { outbox, transport, logger, now, random, sendTimeoutMs = 180_000 } = options;
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let closed = false;

  function wake(): void {
    if (closed || running.size >= sendAtOnce) return;
    const run = sendAll()
      .catch((error) => logger.error({ err: error }, "The outbox cannot be used; mails wait"))
      .finally(() => running.delete(run));
    running.add(run);
  }

  async function sendAll(): Promise<void> {
    while (!closed) {
      const mail = await outbox.claim(now());
      if (!mail) return;
      // There may be more: get company, until there is none.
      wake();
      // While the server is away, a try at each wake is enough; the other mails wait as they are.
      if (!(await deliver(mail))) return;
    }
  }

  /** Whether it makes sense to go on with the next mail. */
  async function deliver(mail: ClaimedMail): Promise<boolean> {
    if (now() >= mail.giveUpAt) {
      await giveUp(mail, "no process was there to send it in time");
      return true;
    }
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(sendTimeoutMs)]);
      await transport.send(mail, signal);
    } catch (error) {
      return fail(mail, error);
    }
    // When this fails, or the process ends just here, the mail is sent twice: better than never.
    await outbox.sent(mail, now());
    logger.info(fields(mail), "A mail was sent");
    return true;
  }

  async function fail(mail: ClaimedMail, error: unknown): Promise<boolean> {
    const { permanent, aboutTheMail, reason } = failureOf(error);
    const nextAttemptAt = now() + retryDelayMs(mail.attempts, random());
    if (permanent || nextAttemptAt >= mail.giveUpAt) await giveUp(mail, reason);
    else {
      await outbox.failed(mail, reason, nextAttemptAt);
      logger.warn({ ...fields(mail), reason, nextAttemptAt }, "A mail could not be sent; it is tried again");
    }
    return aboutTheMail;
  }

  async function giveUp(mail: ClaimedMail, reason: string): Promise<void> {
    await outbox.giveUp(mail, reason);
    logger.error({ ...fields(mail), reason }, "A mail could not be sent and is given up");
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    wake,
    idle,
    async close(graceMs) {
      closed = true;
      const timer = setTimeout(() => closing.abort(), graceMs);
      await idle();
      clearTimeout(timer);
    },
  };
}

/** What may be said of a mail in the log: nothing of its text, and not whom it is for. */
const fields = ({ id, template, attempts }: ClaimedMail) => ({ mailId: id, template, attempts });
