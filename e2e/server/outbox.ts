// The mails that a flux-auth without an SMTP server writes, as their reader sees them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { expect } from "vitest";

export interface ReceivedMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The address of the first link in it. */
  readonly link: string;
}

export interface Outbox {
  /** Waits for the latest mail to somebody whose subject matches. */
  latest(to: string, subject: RegExp): Promise<ReceivedMail>;
  /** All mails to somebody so far, the oldest first. */
  all(to: string): Promise<ReceivedMail[]>;
}

export function openOutbox(dataDir: string): Outbox {
  const directory = join(dataDir, "outbox");
  const all = async (to: string) => {
    if (!existsSync(directory)) return [];
    const files = readdirSync(directory).filter((name) => name.endsWith(".eml"));
    const mails = await Promise.all(files.sort().map((name) => read(readFileSync(join(directory, name)))));
    return mails.filter((mail) => mail.to === to);
  };
  return {
    all,
    async latest(to, subject) {
      let found: ReceivedMail | undefined;
      await expect
        .poll(
          async () => {
            found = (await all(to)).findLast((mail) => subject.test(mail.subject));
            return found !== undefined;
          },
          { timeout: 15_000, message: `a mail to ${to} about ${subject}` },
        )
        .toBe(true);
      return found as ReceivedMail;
    },
  };
}

async function read(content: Buffer): Promise<ReceivedMail> {
  const { to, subject = "", text = "" } = await PostalMime.parse(content);
  return {
    to: to?.[0]?.address ?? "",
    subject,
    text,
    link: /https?:\/\/\S+/.exec(text)?.[0] ?? "",
  };
}
