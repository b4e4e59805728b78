// `npm run check`: every check that needs no running server, one line each, all of them even when one fails.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const tool = (name: string) => join(root, "node_modules", ".bin", name);
// Without the hints that say which pattern of knip.jsonc matches nothing yet.
const knip = [tool("knip"), "--no-progress", "--no-config-hints"];

const steps: readonly { name: string; command: readonly string[]; mend?: string }[] = [
  {
    name: "format and lint",
    command: [tool("biome"), "check", "--error-on-warnings"],
    mend: "npm run format",
  },
  { name: "types", command: [tool("tsc"), "--noEmit"] },
  { name: "types of the pages", command: [tool("tsc"), "--noEmit", "-p", "apps/dashboard"] },
  { name: "unused files, exports and dependencies", command: [...knip] },
  // Only what a workspace declares itself counts here: what the root declares is not there once it is deployed alone.
  { name: "undeclared imports", command: [...knip, "--production", "--strict", "--dependencies"] },
  { name: "import table", command: [join(root, "tools/import-table.ts")] },
  { name: "generated files", command: [join(root, "tools/generate.ts"), "--check"] },
];

let failed = 0;
for (const { name, command, mend } of steps) {
  const startedAt = performance.now();
  const result = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 32 * 2 ** 20,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isGood = result.status === 0;
  console.log(`${isGood ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (isGood) continue;
  failed += 1;
  console.log(`${result.stdout}${result.stderr}${result.error?.message ?? ""}`.trim());
  if (mend !== undefined) console.log(`Much of this mends itself with: ${mend}`);
}
console.log(failed === 0 ? "All checks passed." : `${failed} of ${steps.length} checks failed.`);
process.exit(failed === 0 ? 0 : 1);
