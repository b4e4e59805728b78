// The guard that the benchmarks measure: all rules, with everything in memory unless windows are given.

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
  type Guard,
  type GuardOptions,
} from "@fluxstudio/guard";

export const benchGuard = (options: Partial<GuardOptions> = {}): Guard =>
  createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => {
      throw error;
    },
    ...options,
  });
