// Writes mails to files, for a server that is being tried out and has no SMTP server.

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onceLoaded } from "../once-loaded.ts";
import type { MailAddress } from "./address.ts";
import { type MailTransport, toMimeMessage } from "./transport.ts";

export interface FileTransportOptions {
  /** Made when missing. */
  readonly directory: string;
  readonly from: MailAddress;
  /** The oldest files above this many are removed. @default 1_000 */
  readonly maxFiles?: number;
}

export function createFileTransport({
  directory,
  from,
  maxFiles = 1_000,
}: FileTransportOptions): MailTransport {
  const composer = onceLoaded(createComposer);

  async function removeOldest(): Promise<void> {
    // The names begin with a time.
    const names = (await readdir(directory)).filter((name) => name.endsWith(".eml")).sort();
    const oldest = names.slice(0, Math.max(0, names.length - maxFiles));
    await Promise.all(oldest.map((name) => rm(join(directory, name), { force: true })));
  }

  return {
    description: `files in ${directory}, as SMTP_URL is not set`,
    async send(mail) {
      const { message } = await (await composer()).sendMail(toMimeMessage(mail, from));
      const time = new Date(mail.createdAt).toISOString().replaceAll(/[-:.]/g, "");
      const path = join(directory, `${time}-${mail.id}.eml`);
      // Only the owner of the server may read them: a link in one opens somebody's account.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      // Whoever waits for the file never finds half of it.
      await writeFile(`${path}.part`, message, { mode: 0o600 });
      await rename(`${path}.part`, path);
      await removeOldest();
    },
    // A composer holds nothing open.
    close() {},
  };
}

/** The library is loaded with the first mail. */
async function createComposer() {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
