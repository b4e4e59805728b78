// The commands of flux that docs, alerts and its own help name are there, with the options and the jobs that they name.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { allUsages } from "../apps/cli/src/usage.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const usages = await allUsages();
const jobs = [...read("docs/jobs.md").matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);

/** What is wrong with the commands in a text; words in lower case behind `flux` are a command, and `--x` its options. */
function problemsIn(text: string): string[] {
  const named = text.matchAll(/\bflux ((?:[a-z-]+(?: |\b))+)([^`|\n>]*)/g);
  return [...named].flatMap(([all, words = "", rest = ""]) => {
    const [first = "", second = "", third = ""] = words.trim().split(" ");
    const name = [`flux ${first} ${second}`, `flux ${first}`].find((one) => usages.has(one));
    if (name === undefined) return isCommand(first) ? [`${all}: no such command`] : [];
    const options = `${words}${rest}`.match(/(?<= )--[a-z-]+/g) ?? [];
    const unknown = options.filter(
      (option) => !usages.get(name)?.includes(`${option}`) && option !== "--help",
    );
    if (name === "flux jobs run" && third !== "" && !jobs.includes(third)) unknown.push(third);
    return unknown.map((word) => `${all}: ${word} is unknown`);
  });
}

const firstWords = new Set([...usages.keys()].map((name) => name.split(" ")[1]));
const isCommand = (word: string): boolean => firstWords.has(word);

it.each(["README.md", ...globSync("docs/**/*.{md,json}", { cwd: root })])("%s", (page) => {
  expect(problemsIn(read(page))).toEqual([]);
});

it("a wrong command, option or job is found", () => {
  expect(problemsIn("See `flux mail list --status dead`.")).toHaveLength(1);
  expect(problemsIn("Example: flux jobs run event-retention --dry-run")).toHaveLength(1);
  expect(problemsIn("npx flux events show")).toHaveLength(1);
  expect(problemsIn("`flux explain`, and `flux jobs run events --dry-run`; flux events list --help")).toEqual(
    [],
  );
});
