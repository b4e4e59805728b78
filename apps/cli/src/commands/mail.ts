// `flux mail`: what waits to be sent, what could not be, and sending it after all.

import type { MailEntry, MailList } from "@fluxstudio/admin-api";
import { defineCommand } from "citty";
import { isId, limitOf } from "../arguments.ts";
import { call, jsonOption, print, time } from "../call.ts";
import { usageError } from "../cli-error.ts";

const list = defineCommand({
  meta: { name: "list", description: "Mails, newest first" },
  args: {
    dead: { type: "boolean", description: "Only those that could not be sent" },
    limit: { type: "string", description: "At most this many", default: "20" },
    json: jsonOption,
  },
  async run({ args }) {
    const query = new URLSearchParams({
      limit: limitOf(args.limit, 500),
      ...(args.dead && { status: "dead" }),
    });
    const { mails, queued, dead, refused } = await call<MailList>("GET", `/mail?${query}`);
    print(args.json, mails, lineOf);
    if (!args.json)
      process.stdout.write(`${queued} wait, ${dead} dead, ${refused} refused since the start.\n`);
  },
});

const retry = defineCommand({
  meta: { name: "retry", description: "Sends a dead mail once more" },
  args: {
    id: { type: "positional", required: true, description: "Its id, as flux mail list --dead shows it" },
    json: jsonOption,
  },
  async run({ args }) {
    if (!isId(args.id))
      throw usageError(
        `"${args.id}" is no mail's id; flux mail list --dead shows them, in front of each line.`,
      );
    const path = `/mail/${encodeURIComponent(args.id)}/retry`;
    print(
      args.json,
      [await call<{ id: string }>("POST", path)],
      (one: { id: string }) => `${one.id} waits to be sent.`,
    );
  },
});

function lineOf(mail: MailEntry): string {
  const { id, status, template, recipient, createdAt, attempts, nextAttemptAt, sentAt, lastError } = mail;
  const when = {
    sent: `sent ${time(sentAt ?? null)}`,
    queued: `next try ${time(nextAttemptAt ?? null)}`,
    dead: `given up after ${attempts} ${attempts === 1 ? "try" : "tries"}`,
  }[status];
  return `${id}  ${time(createdAt)}  ${template} to ${recipient}  ${when}${lastError ? `: ${lastError}` : ""}`;
}

export const mail = defineCommand({
  meta: { name: "mail", description: "Mails that wait, and those that could not be sent" },
  subCommands: { list, retry },
});
