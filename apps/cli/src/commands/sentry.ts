// `flux sentry`: whether reports get through.

import type { SentryTestReport } from "@fluxstudio/admin-api";
import { defineCommand } from "citty";
import { call, jsonOption, print } from "../call.ts";
import { CliError } from "../cli-error.ts";

type Result = NonNullable<SentryTestReport["result"]>;

const test = defineCommand({
  meta: {
    name: "test",
    description: "Lets the server send a test event to its SENTRY_DSN, and shows what came back",
  },
  args: { json: jsonOption },
  async run({ args }) {
    const { result } = await call<SentryTestReport>("POST", "/sentry/test");
    if (!result) throw new CliError("NOT_FOUND", off);
    print(args.json, [result], lineOf);
    if (!result.ok) throw new CliError("SERVER", "The test event did not get through.");
  },
});

const off =
  "Nothing is reported to Sentry: set SENTRY_DSN to the address that Sentry shows for a project, and start flux-auth again (docs/sentry.md).";

const lineOf = ({ ok, to, eventId, tookMs, answer }: Result): string =>
  `${ok ? "ok    " : "FAILED"}  ${to}, event ${eventId}, ${tookMs} ms: ${answer}`;

export const sentry = defineCommand({
  meta: { name: "sentry", description: "Reports to Sentry" },
  subCommands: { test },
});
