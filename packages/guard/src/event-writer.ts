// Brings events to the sinks and decisions to their store: every failure is told, none is thrown.

import type { EventSink, SecurityEvent } from "./event.ts";
import type { ScopedSignal } from "./signal.ts";
import { within } from "./within.ts";

interface EventWriterOptions {
  readonly sinks: readonly EventSink[];
  readonly onError: (error: unknown, where: string) => void;
  /** See `GuardOptions`. */
  readonly keepTimeoutMs: number;
  readonly makeId: (at: number) => string;
}

export function createEventWriter({ sinks, onError, keepTimeoutMs, makeId }: EventWriterOptions) {
  /** Resolves when it is written, or has failed, which is told. */
  async function write(where: string, run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      onError(error, where);
    }
  }

  /** For what a request waits for: not for ever. The writing goes on, and is told of again should it fail later. */
  function writeInTime(where: string, run: () => void | Promise<void>): Promise<void> {
    return within(write(where, run), keepTimeoutMs).catch((error) => onError(error, where));
  }

  const emitBy = (how: typeof write) => async (event: SecurityEvent) => {
    await Promise.all(sinks.map((sink) => how(`sink ${sink.name}`, () => sink.write(event))));
  };

  return {
    eventOf(signal: ScopedSignal, about: Omit<SecurityEvent, "id" | "at" | "signal">): SecurityEvent {
      const { ipValue: _, ...fact } = signal;
      return { id: makeId(signal.at), at: signal.at, signal: fact, ...about };
    },
    writeInTime,
    emit: emitBy(write),
    emitInTime: emitBy(writeInTime),
  };
}
