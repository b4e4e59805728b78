// Runs the tests with vitest, prints the counts as the last line, and fails when nothing ran.

import { parseCLI, startVitest } from "vitest/node";
import { printSummary, summarise } from "./test-summary.ts";

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)]);
// The runtime reads vitest.config.ts as it is; bundling it first would write a file into the repository.
const vitest = await startVitest(filter, { configLoader: "native", ...options, watch: false, run: true });
const unhandledErrors = vitest.state.getUnhandledErrors().length;
const summary = summarise(vitest.state.getTestModules(), {
  // `-t NAME` skips the others on purpose.
  isFiltered: options.testNamePattern !== undefined,
});
await vitest.close();
if (unhandledErrors > 0)
  console.log(`${unhandledErrors} errors happened outside of any test; they are above.`);
printSummary(summary);
const isGood = summary.passed > 0 && summary.failed === 0 && summary.unexplained.length === 0;
// vitest has reasons of its own to fail a run, such as a coverage threshold.
process.exit(isGood && unhandledErrors === 0 && (process.exitCode ?? 0) === 0 ? 0 : 1);
