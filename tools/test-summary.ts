// Counts what a test run did, and insists that each skipped test says why it was skipped.

import { experimental_getRunnerTask, type TestModule, type TestSuite } from "vitest/node";

/** What came of a test run. */
export interface TestSummary {
  passed: number;
  /** Failed tests, and files and groups that failed outside of a test. */
  failed: number;
  skipped: number;
  /** The skipped tests that gave a reason, one line each. */
  readonly explained: string[];
  /** The skipped tests that gave none, one line each. */
  readonly unexplained: string[];
}

/**
 * Counts the tests of a finished run.
 *
 * A reason for a skip is the note of `context.skip(note)`, or a line with the word "skip" that the test's file prints.
 *
 * @param options.isFiltered The caller chose tests by name, so that the others need no reason.
 */
export function summarise(modules: readonly TestModule[], options: { isFiltered: boolean }): TestSummary {
  const summary: TestSummary = { passed: 0, failed: 0, skipped: 0, explained: [], unexplained: [] };
  for (const module of modules) {
    summary.failed += failuresOutsideTests(module);
    const printed = printedReasons(module);
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${module.relativeModuleId} > ${test.fullName}`;
      if (result.state === "passed") summary.passed += 1;
      else if (result.state !== "skipped") summary.failed += 1;
      else {
        summary.skipped += 1;
        const reason = result.note ?? printed ?? (options.isFiltered ? "not chosen" : undefined);
        if (reason === undefined) summary.unexplained.push(name);
        else if (!options.isFiltered) summary.explained.push(`${name}: ${reason}`);
      }
    }
  }
  return summary;
}

/** Prints the skipped tests with their reasons, and last, alone on its line, the counts. */
export function printSummary(summary: TestSummary): void {
  for (const line of summary.explained) console.log(`skipped: ${line}`);
  for (const line of summary.unexplained) {
    console.log(`skipped without a reason (use context.skip("why")): ${line}`);
  }
  if (summary.passed + summary.failed === 0) console.log("No test ran, which counts as a failure.");
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
}

function failuresOutsideTests(module: TestModule): number {
  const groups: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return groups.filter((group) => group.errors().length > 0).length;
}

function printedReasons(module: TestModule): string | undefined {
  const task = experimental_getRunnerTask(module);
  const lines = (task.logs ?? []).flatMap((log) => log.content.split("\n"));
  return lines.find((line) => /\bskip/i.test(line))?.trim();
}
