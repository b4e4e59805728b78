// Starts a new rule: its file, its test with every required case, its docs page, and its place in the registry.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  constantName,
  formatted,
  generatedFiles,
  ruleDocsFile,
  ruleFile,
  ruleIds,
  ruleTestFile,
} from "./rule-registry.ts";

/**
 * Writes the files of a new rule and returns their paths from the root.
 *
 * @throws Error with a sentence for the person who chose the id, when it cannot be used; nothing is written then.
 */
export function createRule(root: string, id: string): string[] {
  checkId(root, id);
  const templates = [
    ["example-rule.ts", ruleFile(id)],
    ["example-rule.test.ts", ruleTestFile(id)],
    ["example-rule.md", ruleDocsFile(id)],
  ] as const;
  const taken = templates.find(([, file]) => existsSync(join(root, file)));
  if (taken !== undefined) throw new Error(`${taken[1]} exists already.`);
  const written = new Map(templates.map(([template, file]) => [file, fill(template, file, id)]));
  write(root, written);
  const generated = generatedFiles(root);
  write(root, generated);
  return [...written.keys(), ...generated.keys()];
}

function checkId(root: string, id: string): void {
  // Two words at least: one alone can be a reserved word of the language, and says little.
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id) || id.length > 40) {
    throw new Error(
      `"${id}" is no id for a rule: write two words or more in kebab-case, such as password-spraying.`,
    );
  }
  const clash = [...ruleIds(root), "built-in-rules"].find(
    (other) => constantName(other) === constantName(id),
  );
  if (clash !== undefined) throw new Error(`There is a rule ${clash} already.`);
}

function fill(template: string, file: string, id: string): string {
  const text = readFileSync(join(import.meta.dirname, "rule-template", template), "utf8")
    // The template is checked and tested where it lies, and imports from there.
    .replaceAll('"../../packages/guard/src/', '"../')
    .replaceAll("](../../docs/", "](../")
    .replaceAll("example-rule", id)
    .replaceAll("exampleRule", constantName(id));
  return file.endsWith(".ts") ? formatted(file, text) : text;
}

function write(root: string, files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}
