// Options that are missing are named together, for callers whom no type has told.

import { expect, it } from "vitest";
import { createGuard } from "./engine.ts";
import type { GuardOptions } from "./guard.ts";

it.each([{}, undefined, { rules: "all", windows: {}, decisions: {}, onError: "ignore" }])(
  "%j names what a guard needs",
  (options) => {
    expect(() => createGuard(options as unknown as GuardOptions)).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTIONS",
        message: expect.stringMatching(/`rules`.*`windows`.*`decisions`.*`onError`/),
      }),
    );
  },
);
