// `npm run generate [-- --check]`: writes the files that are derived from others, or checks that they are up to date.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { generatedFiles, ruleProblems } from "./rule-registry.ts";

const { values, positionals } = parseArgs({
  options: { check: { type: "boolean" } },
  allowPositionals: true,
});
const root = resolve(positionals[0] ?? join(import.meta.dirname, ".."));
const problems = ruleProblems(root);

for (const [file, wanted] of generatedFiles(root)) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, "utf8") === wanted) continue;
  if (values.check) {
    problems.push(`${file} is out of date; mend it with: npm run generate`);
  } else {
    writeFileSync(path, wanted);
    console.log(`Wrote ${file}.`);
  }
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
