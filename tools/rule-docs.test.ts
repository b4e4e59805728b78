// The setting that each rule's page shows is valid, changes something, and does what the page says of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builtInRules, resolveSettings } from "@fluxstudio/guard";
import { createScenario, type Step } from "@fluxstudio/guard/testing";
import { describe, expect, it } from "vitest";
import { exampleRule } from "./rule-template/example-rule.ts";

const root = join(import.meta.dirname, "..");
const pages = [
  ...builtInRules.map((rule) => ({ rule, page: `docs/rules/${rule.id}.md` })),
  { rule: exampleRule, page: "tools/rule-template/example-rule.md" },
];

function settingsOn(page: string) {
  const text = readFileSync(join(root, page), "utf8");
  return JSON.parse(/^```json\n(.*?)^```/ms.exec(text)?.[1] ?? "");
}

it.each(pages)("$page shows a change of the rule's settings", ({ rule, page }) => {
  const settings = resolveSettings([rule], settingsOn(page)).get(rule.id);
  expect(settings).not.toEqual(rule.defaults);
  expect(readFileSync(join(root, page), "utf8")).toContain("`threshold`, `windowMs` and `response`");
});

describe("the setting on the page", () => {
  const ip = "203.0.113.7";
  const failure: Step = { type: "sign-in-failure", ip, account: "alice" };
  const refresh: Step = { type: "token-refresh", ip, session: "s" };
  const repeat: Step = { type: "refresh-token-repeat", ip: "198.51.100.9", session: "s" };
  const reuse: Step = { type: "refresh-token-reuse", ip, session: "s" };
  const minute = 60_000;

  it.each([
    { id: "brute-force", steps: Array(3).fill(failure), scope: "ip", forMs: 360 * minute },
    { id: "rapid-token-refresh", steps: Array(10).fill(refresh), scope: "session", forMs: 16 * minute },
    { id: "refresh-token-repeat", steps: [refresh, repeat], scope: "session", forMs: 16 * minute },
    { id: "refresh-token-reuse", steps: [reuse], scope: "session", forMs: 60 * minute },
  ])("of $id blocks the $scope", async ({ id, steps, scope, forMs }) => {
    const rules = builtInRules.filter((rule) => rule.id === id);
    const scenario = createScenario(rules, settingsOn(`docs/rules/${id}.md`));
    for (const step of steps.slice(0, -1)) await scenario.record(step);
    expect(scenario.guard.decisions(scenario.now())).toEqual([]);
    await scenario.record(steps.at(-1));
    const until = scenario.now() + forMs;
    expect(scenario.guard.decisions(scenario.now())).toMatchObject([{ action: "block", scope, until }]);
  });
});
