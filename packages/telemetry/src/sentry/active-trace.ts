// The trace of the request that runs just now, known to whatever runs for it. Most requests have none.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "@sentry/core";

export interface ActiveTrace {
  readonly scope: Scope;
  /** Takes in what has just ended. */
  readonly add: (op: string, name: string, durationMs: number) => void;
}

export const activeTrace = new AsyncLocalStorage<ActiveTrace>();

/**
 * Adds a step that has just ended to the trace of this request; nothing without one.
 * @param op what kind of step: `crypto.hash` (https://develop.sentry.dev/sdk/telemetry/traces/span-operations/)
 * @param name words of ours, the same each time
 */
export function traceStep(op: string, name: string, durationMs: number): void {
  activeTrace.getStore()?.add(op, name, durationMs);
}
