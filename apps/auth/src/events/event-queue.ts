// The queue in front of the event table: what happens to which event when there are too many, and who is told.

import type { SecurityEvent } from "@fluxstudio/guard";
import { createWriteQueue, type WriteQueue, type WriteQueueOptions } from "../database/write-queue.ts";

export interface EventQueueOptions
  extends Omit<WriteQueueOptions<SecurityEvent>, "name" | "isAwaited" | "placesFor"> {
  /**
   * Events that wait at most. Above it, those without detection and decision are dropped; above twice as many, those
   * without decision; above ten times as many, any: a process that runs out of memory would lose them all.
   * @default 10_000
   */
  readonly maxQueued?: number;
}

export type EventQueue = WriteQueue<SecurityEvent>;

export function createEventQueue({ maxQueued = 10_000, ...options }: EventQueueOptions): EventQueue {
  return createWriteQueue({
    ...options,
    name: "security events",
    isAwaited,
    placesFor: (event) => placesFor(event, maxQueued),
  });
}

/** An event that made a decision; one that sums up refusals under a decision did not. */
function isAwaited({ decision, refusals }: SecurityEvent): boolean {
  return decision !== undefined && refusals === undefined;
}

function placesFor({ decision, detections }: SecurityEvent, maxQueued: number): number {
  if (decision) return maxQueued * 10;
  return detections.length > 0 ? maxQueued * 2 : maxQueued;
}
