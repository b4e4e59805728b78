// `flux rules list`: which rules run, in which mode, with which limits.

import type { RuleSettings } from "@fluxstudio/guard";
import { defineCommand } from "citty";
import { call, duration, jsonOption, print } from "../call.ts";

interface RuleLine {
  readonly id: string;
  readonly summary: string;
  readonly idle?: string;
  readonly settings: Pick<RuleSettings, "mode" | "threshold" | "windowMs" | "outage">;
}

const list = defineCommand({
  meta: {
    name: "list",
    description: "The rules of the server, with mode, threshold and window. Example: flux rules list --json",
  },
  args: { json: jsonOption },
  async run({ args }) {
    const { rules } = await call<{ rules: RuleLine[] }>("GET", "/rules");
    print(args.json, rules, ({ id, settings, summary, idle }: RuleLine) =>
      [
        id,
        settings.mode,
        `${settings.threshold} in ${duration(settings.windowMs)}`,
        settings.outage && settings.outage !== "insurance" && `outage: ${settings.outage}`,
        summary,
        idle && `(idle: ${idle})`,
      ]
        .filter(Boolean)
        .join("  "),
    );
  },
});

export const rules = defineCommand({
  meta: { name: "rules", description: "What is looked for" },
  subCommands: { list },
});
