// `npm run check`: every check that needs no running server, one line each, all of them even when one fails.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
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

const waiting = [...steps];
let failed = 0;
/** One step after the other, of those that nobody else has begun: some keep one core busy and some all. */
async function work(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await check(step);
}

async function check({ name, command, mend }: (typeof steps)[number]): Promise<void> {
  const startedAt = performance.now();
  const options = { cwd: root, maxBuffer: 32 * 2 ** 20 };
  const problem = await run(process.execPath, command, options).then(
    () => undefined,
    ({ stdout = "", stderr = "", message }) => `${stdout}${stderr}`.trim() || message,
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${problem === undefined ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (problem === undefined) return;
  failed += 1;
  console.log(problem);
  if (mend !== undefined) console.log(`Much of this mends itself with: ${mend}`);
}

await Promise.all([work(), work()]);
console.log(failed === 0 ? "All checks passed." : `${failed} of ${steps.length} checks failed.`);
process.exit(failed === 0 ? 0 : 1);
