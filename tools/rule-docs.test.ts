// The setting that each rule's page shows is valid, and changes something.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builtInRules, resolveSettings } from "@fluxstudio/guard";
import { expect, it } from "vitest";
import { exampleRule } from "./rule-template/example-rule.ts";

const root = join(import.meta.dirname, "..");
const pages = [
  ...builtInRules.map((rule) => ({ rule, page: `docs/rules/${rule.id}.md` })),
  { rule: exampleRule, page: "tools/rule-template/example-rule.md" },
];

it.each(pages)("$page shows a change of the rule's settings", ({ rule, page }) => {
  const text = readFileSync(join(root, page), "utf8");
  const shown = /^```json\n(.*?)^```/ms.exec(text)?.[1] ?? "";
  const settings = resolveSettings([rule], JSON.parse(shown)).get(rule.id);
  expect(settings).not.toEqual(rule.defaults);
  expect(text).toContain("`threshold`, `windowMs` and `response`");
});
