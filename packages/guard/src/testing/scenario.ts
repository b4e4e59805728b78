// A guard with memory stores and a clock that only the test moves: for tests of rules, built-in and your own.

import { createGuard } from "../engine.ts";
import type { SecurityEvent } from "../event.ts";
import type { Guard, Outcome } from "../guard.ts";
import type { Rule } from "../rule.ts";
import type { RuleOverrides } from "../settings.ts";
import type { Signal } from "../signal.ts";
import { createMemoryDecisionStore } from "../stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "../stores/memory-window-store.ts";

/** A signal without its time, which the scenario adds. */
export type Step = Omit<Signal, "at">;

export interface Scenario {
  readonly guard: Guard;
  /** Every event so far. */
  readonly events: readonly SecurityEvent[];
  now(): number;
  advance(ms: number): void;
  check(step: Step): Promise<Outcome>;
  record(step: Step): Promise<Outcome>;
  /** Records the same step this often, all at the same time. */
  repeat(times: number, step: Step): Promise<Outcome[]>;
}

/** Errors of stores and sinks end the test. */
export function createScenario(rules: readonly Rule[], settings: RuleOverrides = {}): Scenario {
  let now = Date.UTC(2026, 0, 5, 9);
  const events: SecurityEvent[] = [];
  const guard = createGuard({
    rules,
    settings,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => {
      throw error;
    },
    sinks: [{ name: "scenario", write: (event) => void events.push(event) }],
  });
  const record = async (step: Step) => guard.record({ ...step, at: now });
  return {
    guard,
    events,
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    check: async (step) => guard.check({ ...step, at: now }),
    record,
    async repeat(times, step) {
      const outcomes: Outcome[] = [];
      for (let i = 0; i < times; i++) outcomes.push(await record(step));
      return outcomes;
    },
  };
}
