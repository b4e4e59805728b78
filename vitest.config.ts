// How the tests run: which files, how many at once, how long each may take.

import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By size a small file with long tests would come last, and one of two processes wait for it. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => /\/(?:e2e|tools)\//.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["packages/*/src", "apps/*/src", "tools", "e2e", "benchmarks"].map(
      (place) => `${place}/**/*.test.ts`,
    ),
    // Processes: native modules (argon2, bcrypt, node:sqlite) are not made for being loaded in many threads.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    // The next file goes on in the same process: to load Better Auth anew for each of them takes a minute in all.
    isolate: false,
    // An argon2 hash takes 15 ms, and real servers start in some tests, on machines that do other things as well.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What happens soon on a quiet machine takes seconds on a busy one.
    expect: { poll: { timeout: 30_000 } },
    teardownTimeout: 10_000,
    watch: false,
    // A test that was left focused would silence all others.
    allowOnly: false,
  },
});
