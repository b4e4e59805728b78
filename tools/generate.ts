// `npm run generate [-- --check]`: writes the files that are derived from others, or checks that they are up to date.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { commandDocs, commandDocsFile } from "./command-docs.ts";
import { generatedFiles, ruleProblems } from "./rule-registry.ts";

const { values, positionals } = parseArgs({
  options: { check: { type: "boolean" } },
  allowPositionals: true,
});
const repository = join(import.meta.dirname, "..");
const root = resolve(positionals[0] ?? repository);
const problems = ruleProblems(root);

const files = generatedFiles(root);
// The commands are those of this repository, whatever tree is looked at.
if (root === repository) files.set(commandDocsFile, await commandDocs());
for (const [file, wanted] of files) {
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
