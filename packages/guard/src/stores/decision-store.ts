// The contract of a decision store: active decisions are looked up in the process, changes are written through.

import type { Decision } from "../decision.ts";
import type { Scope } from "../scopes.ts";

export interface DecisionStore {
  readonly name: string;
  /** The decision in force for a scope/value, without waiting. */
  find(scope: Scope, value: string, at: number): Decision | undefined;
  /** The decision in force for an `ip-prefix` that holds this address, without waiting. */
  findPrefix(ip: string, at: number): Decision | undefined;
  /** Resolves when the decision is kept as well as this store keeps anything. */
  add(decision: Decision): Promise<void>;
  /** Ends a decision; undefined when there is none with this id. Its block is no longer counted as an offence. */
  remove(id: string, at: number): Promise<Decision | undefined>;
  /** Active decisions, newest first. */
  list(at: number): readonly Decision[];
  /** How often rules have blocked this scope/value lately (see `offenceMemoryMs`). */
  offences(scope: Scope, value: string, at: number): number;
  close?(): Promise<void>;
}

/** How long after its end a block still makes the next one longer: 7 days. */
export const offenceMemoryMs = 7 * 24 * 60 * 60 * 1000;
