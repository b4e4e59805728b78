// Mails as their readers get them, for tests.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";

export interface ReadMail {
  readonly to: readonly (string | undefined)[];
  readonly from: string | undefined;
  readonly subject: string | undefined;
  readonly text: string;
  readonly html: string;
  /** By their names in lower case; the last of several wins. */
  readonly headers: { readonly [name: string]: string };
  /** Where its button leads. */
  readonly link: string | undefined;
}

/** The mails of a directory of `.eml` files, the oldest first. */
export async function readMails(directory: string): Promise<ReadMail[]> {
  if (!existsSync(directory)) return [];
  const names = (await readdir(directory)).filter((name) => name.endsWith(".eml")).sort();
  return Promise.all(names.map(async (name) => parseMail(await readFile(join(directory, name)))));
}

export async function parseMail(source: Uint8Array): Promise<ReadMail> {
  const { to = [], from, subject, text = "", html = "", headers } = await PostalMime.parse(source);
  return {
    to: to.map(({ address }) => address),
    from: from?.address,
    subject,
    text,
    html,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    link: /^http\S+$/m.exec(text)?.[0],
  };
}
