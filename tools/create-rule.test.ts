// A rule that create-rule starts compiles, passes its tests and is registered; a bad id changes nothing.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ruleProblems } from "./rule-registry.ts";
import { createRule } from "./rule-template.ts";

const repository = join(import.meta.dirname, "..");
const rules = "packages/guard/src/rules";
let root = "";

// A copy of the guard, in which the rule is created.
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "flux-create-rule-"));
  for (const path of [
    "packages/guard/src",
    "packages/guard/package.json",
    "docs/rules",
    "tsconfig.json",
    "biome.json",
  ]) {
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("create-rule", () => {
  it.each([
    ["Odd-Hours", /kebab-case/],
    ["odd_hours", /kebab-case/],
    ["odd", /two words/],
    ["odd-hours-", /kebab-case/],
    ["../odd-hours", /kebab-case/],
    ["2-odd-hours", /kebab-case/],
    [`odd-${"x".repeat(40)}`, /kebab-case/],
    ["brute-force", /There is a rule brute-force already/],
    ["built-in-rules", /already/],
  ])("refuses %s and writes nothing", (id, message) => {
    const before = readdirSync(join(root, rules));
    expect(() => createRule(root, id)).toThrow(message);
    expect(readdirSync(join(root, rules))).toEqual(before);
  });

  it("writes rule, test, docs page and registry, and refuses the same id from then on", () => {
    expect(createRule(root, "odd-hours")).toEqual([
      `${rules}/odd-hours.ts`,
      `${rules}/odd-hours.test.ts`,
      "docs/rules/odd-hours.md",
      `${rules}/index.ts`,
      "packages/guard/src/index.ts",
    ]);
    expect(readFileSync(join(root, rules, "index.ts"), "utf8")).toContain(
      'import { oddHours } from "./odd-hours.ts";',
    );
    expect(readFileSync(join(root, "packages/guard/src/index.ts"), "utf8")).toMatch(/\boddHours\b/);
    expect(readFileSync(join(root, "docs/rules/odd-hours.md"), "utf8")).toContain("](../reliability.md)");
    expect(() => createRule(root, "odd-hours")).toThrow(/There is a rule odd-hours already/);
  });

  it("leaves prompts that the check for generated files reports until they are answered", () => {
    const prompts = ruleProblems(root).filter((problem) => problem.includes("odd-hours"));
    expect(prompts).toHaveLength(3);
    for (const prompt of prompts) expect(prompt).toMatch(/still asks to REPLACE/);
  });

  it("writes code that type checks", () => {
    const files = ["odd-hours.ts", "odd-hours.test.ts", "index.ts"].map((file) => `${rules}/${file}`);
    writeFileSync(
      join(root, "tsconfig.rule.json"),
      JSON.stringify({ extends: "./tsconfig.json", files, include: [] }),
    );
    expect(runTool("tsc", "-p", "tsconfig.rule.json", "--incremental", "false")).toEqual({
      status: 0,
      output: "",
    });
  });

  it("writes code that is formatted and has no lint", () => {
    const files = ["odd-hours.ts", "odd-hours.test.ts", "index.ts"].map((file) => `${rules}/${file}`);
    const { status, output } = runTool(
      "biome",
      "check",
      "--error-on-warnings",
      "--vcs-enabled=false",
      ...files,
    );
    expect(status, output).toBe(0);
  });

  it("writes a test that passes, with every required case", () => {
    const { status, output } = runTool("vitest", "run", "--root", root, "--reporter=verbose", "odd-hours");
    expect(status, output).toBe(0);
    for (const required of [
      "at the threshold",
      "one below",
      "window is over",
      "does not mix",
      "busy office",
      "known gap",
    ]) {
      expect(output).toContain(required);
    }
  });
});

describe("generate --check", () => {
  it("names the command that mends a registry that is out of date", () => {
    writeFileSync(join(root, rules, "index.ts"), "// Nothing.\n");
    const { status, output } = runNode("tools/generate.ts", "--check", root);
    expect(status).toBe(1);
    expect(output).toContain(`${rules}/index.ts is out of date; mend it with: npm run generate`);
  });

  it("says which docs page has no rule, and which rule has no docs page or test", () => {
    writeFileSync(join(root, "docs/rules/no-such-rule.md"), "# no-such-rule\n");
    for (const file of ["docs/rules/odd-hours.md", `${rules}/odd-hours.test.ts`]) rmSync(join(root, file));
    const problems = ruleProblems(root);
    expect(problems).toContain("docs/rules/no-such-rule.md describes a rule that does not exist.");
    expect(problems).toContain("The rule odd-hours has no docs page: write docs/rules/odd-hours.md.");
    expect(problems).toContain(`The rule odd-hours has no test: write ${rules}/odd-hours.test.ts.`);
  });

  it("insists on the name and the id that follow from a rule's file name", () => {
    writeFileSync(join(root, rules, "odd-hours.ts"), 'export const other = { id: "other" };\n');
    const problems = ruleProblems(root);
    expect(problems).toContain(
      `${rules}/odd-hours.ts must export the rule as: export const oddHours: Rule = {`,
    );
    expect(problems).toContain(`${rules}/odd-hours.ts must give its rule the id "odd-hours".`);
  });
});

function runTool(name: string, ...args: string[]): { status: number | null; output: string } {
  return runNode(join(repository, "node_modules/.bin", name), ...args);
}

function runNode(script: string, ...args: string[]): { status: number | null; output: string } {
  const cwd = script.startsWith("tools/") ? repository : root;
  const result = spawnSync(process.execPath, [script, ...args], { cwd, encoding: "utf8" });
  return { status: result.status, output: `${result.stdout}${result.stderr}`.trim() };
}
