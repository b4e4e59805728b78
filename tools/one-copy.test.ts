// One copy of Better Auth serves the guard's adapter and flux-auth: hooks, errors and contexts of two copies do not match.

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
