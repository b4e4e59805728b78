// `flux explain ip 203.0.113.7`: what was counted, what was decided, until when, and what would release it.

import type { Explanation } from "@fluxstudio/guard";
import { defineCommand } from "citty";
import { call, jsonOption, print, time } from "../call.ts";
import { lineOf } from "./decisions.ts";

export const explain = defineCommand({
  meta: {
    name: "explain",
    description:
      "What was counted and decided about somebody, until when, and what would release it. Example: flux explain ip 203.0.113.7",
  },
  args: {
    scope: { type: "positional", required: true, description: "ip, ip-prefix, account, …" },
    value: { type: "positional", required: true, description: "203.0.113.7, an e-mail address, …" },
    json: jsonOption,
  },
  async run({ args }) {
    const query = new URLSearchParams({ scope: args.scope, value: args.value });
    const explanation = await call<Explanation>("GET", `/explain?${query}`);
    if (args.json) print(true, [explanation], () => "");
    else print(false, inWords(explanation), (line) => line);
  },
});

function inWords({ scope, value, decisions, windows, offences }: Explanation): string[] {
  const counted = windows.map(
    (one) => `counted: ${one.window} ${one.count} in ${one.windowMs / 1000} s, empty at ${time(one.emptyAt)}`,
  );
  const decided = decisions.map((one) => `decided: ${lineOf(one)}`);
  const release = decisions.map(
    (one) =>
      `released by: flux decisions remove ${one.id}${one.until === null ? "" : `, or at ${time(one.until)}`}`,
  );
  const before =
    offences > 0 ? [`blocked by rules lately: ${offences} times; each makes the next block longer`] : [];
  const nothing = windows.length + decisions.length === 0 ? ["nothing is counted or decided"] : [];
  return [`${scope} ${value}`, ...counted, ...decided, ...before, ...release, ...nothing];
}
