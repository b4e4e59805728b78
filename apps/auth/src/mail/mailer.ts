// The mailer: a message goes in with the request that causes it, and leaves from the outbox when the mail server takes it.

import { setImmediate } from "node:timers/promises";
import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import { isMailAddress } from "./address.ts";
import type { Mail, Site } from "./message.ts";
import { createOutbox, type OutboxOptions, type QueueResult } from "./outbox.ts";
import { createOutboxReview, type MailQuery, type MailRecord } from "./outbox-review.ts";
import { render } from "./render.ts";
import { createSender } from "./sender.ts";
import type { MailTransport } from "./transport.ts";

export interface MailerOptions extends OutboxOptions {
  readonly database: Database;
  readonly transport: MailTransport;
  readonly site: Site;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, for delays. @default Math.random */
  readonly random?: () => number;
  /** How often mails of other processes, and those that are to be tried again, are looked for. @default 10_000 */
  readonly pollMs?: number;
  /** @default 180_000 */
  readonly sendTimeoutMs?: number;
}

/** `no-address`: nothing can be sent to what was given as the recipient. */
export type EnqueueResult = QueueResult | "no-address";

export interface Mailer {
  /** Which mail server, or where the files are. For the operator. */
  readonly goTo: string;
  /**
   * Queues a mail and returns; it is sent at once, when nothing is in its way. Whoever asked for it should get the same
   * answer whatever comes back.
   * @param key names the event, such as `new-device:SESSION`: the same event makes one mail
   */
  enqueue(mail: Mail, key: string): Promise<EnqueueResult>;
  /**
   * `enqueue` for requests of strangers, whose answer must not come later when there is an account to write to: begins
   * when the current answer is done. Failures are logged. A process killed just then loses the mail; whoever waits for a
   * link asks again.
   */
  post(mail: Mail, key: string): void;
  /** For the operator: newest first, without the texts. */
  list(query?: MailQuery): Promise<MailRecord[]>;
  /** What became of the mail about this event. */
  find(key: string): Promise<MailRecord | undefined>;
  /** Sends a dead mail after all. Whether there was one that still makes sense. */
  retry(id: string): Promise<boolean>;
  /** `refused`: how many mails were not queued since the start, because of `too-many`, `full` or `no-address`. */
  status(): Promise<{ readonly queued: number; readonly dead: number; readonly refused: number }>;
  /** Sends what is due. Resolves when nothing more can be sent now; what fails waits for its next try. */
  sendDue(): Promise<void>;
  /** Waits for the mails that are being sent. @param graceMs how long at most. @default graceMs 5_000 */
  close(graceMs?: number): Promise<void>;
}

/** A flood that the database cannot keep up with is not kept in memory instead. */
const maxPosted = 1_000;

export function createMailer(options: MailerOptions): Mailer {
  const { database, transport, site, logger, now, random = Math.random, pollMs = 10_000 } = options;
  const outbox = createOutbox(database, options);
  const review = createOutboxReview(database);
  const sender = createSender({ ...options, outbox, random });
  const posted = new Set<Promise<void>>();
  let refused = 0;
  let refusedTold = 0;
  const timer = setInterval(tick, pollMs);
  timer.unref();
  logger.info(`Mails go to ${transport.description}`);
  // What a process before this one left behind.
  tick();

  function tick(): void {
    sender.wake();
    tellRefused();
  }

  /** Summed up: a flood of requests makes no flood of lines. */
  function tellRefused(): void {
    if (refused > refusedTold) {
      logger.warn(
        { refused: refused - refusedTold },
        "Mails were not queued: too many for one mailbox or in all",
      );
    }
    refusedTold = refused;
  }

  async function queue({ to, message }: Mail, key: string): Promise<EnqueueResult> {
    if (!isMailAddress(to)) return "no-address";
    const { template, usefulUntil } = message;
    const rendered = await render(message, site);
    return outbox.add({ ...rendered, key, template, recipient: to, usefulUntil }, now());
  }

  async function enqueue(mail: Mail, key: string): Promise<EnqueueResult> {
    const result = await queue(mail, key);
    if (result === "queued") sender.wake();
    else if (result !== "known") refused++;
    return result;
  }

  async function enqueueLater(mail: Mail, key: string): Promise<void> {
    await setImmediate();
    try {
      await enqueue(mail, key);
    } catch (error) {
      logger.error({ err: error, template: mail.message.template }, "A mail could not be queued");
    }
  }

  const settled = async (): Promise<void> => {
    while (posted.size > 0) await Promise.all(posted);
  };

  return {
    goTo: transport.description,
    enqueue,

    post(mail, key) {
      if (posted.size >= maxPosted) {
        refused++;
        return;
      }
      const post = enqueueLater(mail, key).finally(() => posted.delete(post));
      posted.add(post);
    },

    list: (query = {}) => review.list(query),
    find: (key) => review.find(key),

    async retry(id) {
      const queued = await review.retry(id, now());
      if (queued) sender.wake();
      return queued;
    },

    async status() {
      const [queued, dead] = await Promise.all([review.count("queued"), review.count("dead")]);
      return { queued, dead, refused };
    },

    async sendDue() {
      await settled();
      sender.wake();
      await sender.idle();
    },

    async close(graceMs = 5_000) {
      clearInterval(timer);
      await settled();
      tellRefused();
      await sender.close(graceMs);
      transport.close();
    },
  };
}
