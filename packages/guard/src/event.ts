// A security event: the record of a signal that mattered, with its detections and its decision, under one id.

import type { Decision } from "./decision.ts";
import type { Detection, Severity } from "./detection.ts";
import { severities } from "./detection.ts";
import type { Signal, SignalType } from "./signal.ts";

export interface SecurityEvent {
  /** UUID version 7, so that ids sort by time. */
  readonly id: string;
  readonly at: number;
  readonly signal: Signal;
  readonly detections: readonly Detection[];
  /** The decision that this event made, or that refused the signal. */
  readonly decision?: Decision | undefined;
  /** Present when the event sums up refusals of one blocked client, the signal being the latest of them. */
  readonly refusals?: { readonly count: number; readonly since: number } | undefined;
}

/** Somewhere a security event goes. Resolves when the event is kept; the guard waits for it only if the event made a decision, and not for ever. */
export interface EventSink {
  readonly name: string;
  write(event: SecurityEvent): void | Promise<void>;
  /** Resolves when everything written so far is kept. */
  flush?(): Promise<void>;
  close?(): Promise<void>;
}

/** Signals that are recorded even when nothing was detected. Requests and attempts are not: they would be the traffic itself. */
export const recordedSignals: ReadonlySet<SignalType> = new Set([
  "sign-in-failure",
  "sign-in-success",
  "account-recovered",
  "sign-up",
  "sign-out",
  "token-refresh",
  "refresh-token-reuse",
]);

/** The worst severity among the detections; `informational` without any. */
export function severityOf(event: Pick<SecurityEvent, "detections">): Severity {
  let worst = 0;
  for (const { severity } of event.detections) worst = Math.max(worst, severities.indexOf(severity));
  return severities[worst] as Severity;
}
