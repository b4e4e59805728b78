// Between the requests and the incidents: writes go out in batches, one at a time, and only what opens an incident is waited for.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { SecurityEvent } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";
import { isUnstorable } from "../database/unstorable.ts";
import { createGatherer } from "./gatherer.ts";
import { keyOfIncident, type Note } from "./incident.ts";
import type { Incidents } from "./incidents.ts";

export interface IncidentQueueOptions {
  readonly incidents: Incidents;
  readonly logger: Pick<Logger, "info" | "error">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long what is stored is taken for open without asking. */
  readonly knownForMs: number;
  readonly onStored: () => void;
  /** How long an event waits for company. @default 250 */
  readonly flushIntervalMs?: number;
  /** How long after a failure the next try is made. @default 1_000 */
  readonly retryMs?: number;
}

export interface IncidentQueue {
  /** Resolves at once; for an event that made a decision about somebody new, when its incident and alert are stored. */
  write(event: SecurityEvent): void | Promise<void>;
  /** @throws what the database said, when it failed */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const maxKnown = 1_000;

export function createIncidentQueue(options: IncidentQueueOptions): IncidentQueue {
  const { incidents, logger, now, knownForMs, onStored, flushIntervalMs = 250, retryMs = 1_000 } = options;
  const gatherer = createGatherer();
  /** Incidents that are open, and until when that need not be asked. */
  const known = new Map<string, number>();
  let waiting: PromiseWithResolvers<void> | undefined;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;

  const isKnown = (key: string): boolean => (known.get(key) ?? 0) > now();

  function drainIn(ms: number): void {
    if (timer || writing) return;
    timer = setTimeout(() => void drain(), ms);
    timer.unref();
  }

  function drain(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (gatherer.size > 0) drainIn(failure ? retryMs : flushIntervalMs);
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    // Whatever else is written in this turn of the event loop goes along.
    await nextTurn();
    const notes = gatherer.take();
    const waiters = waiting;
    waiting = undefined;
    if (notes.length === 0) return waiters?.resolve();
    const left = new Set(notes);
    try {
      await recordAll(notes, left);
      if (failure) logger.info("Incidents are stored again");
      failure = undefined;
      waiters?.resolve();
    } catch (error) {
      gatherer.giveBack([...left]);
      if (!failure) logger.error({ err: error }, "Incidents cannot be stored; trying again");
      failure = { error };
      waiters?.reject(error);
    }
  }

  /**
   * One that the database refuses must not keep all others from it, now and for ever: they are stored without it, in several parts.
   * @param left loses what needs no further try: should a later part fail, the earlier ones are not counted once more
   */
  async function recordAll(notes: readonly Note[], left: Set<Note>): Promise<void> {
    try {
      const { folded } = await incidents.record(notes, now());
      done(notes, folded, left);
      onStored();
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      if (notes.length > 1) {
        const middle = Math.ceil(notes.length / 2);
        await recordAll(notes.slice(0, middle), left);
        return recordAll(notes.slice(middle), left);
      }
      logger.error({ err: error, rule: notes[0]?.rule }, "An incident cannot be stored, and is left out");
      done(notes, [], left);
    }
  }

  function done(notes: readonly Note[], folded: readonly string[], left: Set<Note>): void {
    for (const note of notes) left.delete(note);
    remember(notes, folded);
  }

  function remember(notes: readonly Note[], folded: readonly string[]): void {
    if (known.size + notes.length > maxKnown) known.clear();
    const until = now() + knownForMs;
    for (const rule of folded) known.set(rule, until);
    for (const note of notes.slice(0, maxKnown))
      if (note.detections > 0) known.set(keyOfIncident(note), until);
  }

  return {
    write(event) {
      if (event.detections.length === 0 && event.refusals === undefined) return;
      const notes = gatherer.add(event);
      if (notes.length === 0) return;
      const isNew = notes.some((note) => !isKnown(note.rule) && !isKnown(keyOfIncident(note)));
      if (event.decision === undefined || event.refusals !== undefined || !isNew) {
        return drainIn(failure ? retryMs : flushIntervalMs);
      }
      waiting ??= Promise.withResolvers();
      const { promise } = waiting;
      // One that is being written has taken what it writes: this one goes with the next.
      void Promise.resolve(writing).then(drain);
      return promise;
    },

    async flush() {
      await writing;
      if (gatherer.size > 0) await drain();
      if (failure && gatherer.size > 0) throw failure.error;
    },

    async close() {
      try {
        await this.flush();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
