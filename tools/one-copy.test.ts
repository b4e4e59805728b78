// One copy of Better Auth serves the guard's adapter and flux-auth, and one of Sentry's core the module for profiles that an operator
// may add: hooks, errors and contexts of two copies do not match.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

// The root package.json lists better-auth for this alone: npm then puts it where every workspace finds it.
it.each(["packages/guard", "apps/auth"])(
  "%s finds the same better-auth as the repository's root",
  (workspace) => {
    const resolve = (from: string) => createRequire(join(root, from, "package.json")).resolve("better-auth");
    expect(resolve(workspace)).toBe(resolve("."));
    expect(import.meta.resolve("better-auth")).toContain("better-auth");
  },
);

it("the root overrides @sentry/core with the version that telemetry uses", () => {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  const { "@sentry/core": used } = read("packages/telemetry").dependencies;
  expect(used).toMatch(/^\d+\.\d+\.\d+$/);
  expect(read(".").overrides["@sentry/core"]).toBe(used);
});
