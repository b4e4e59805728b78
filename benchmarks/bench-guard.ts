// The guard that the benchmarks measure: all rules, with everything in memory.

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
  type Guard,
} from "@fluxstudio/guard";

export const benchGuard = (): Guard =>
  createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => {
      throw error;
    },
  });
