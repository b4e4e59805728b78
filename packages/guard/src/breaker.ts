// A circuit breaker in front of the window store: nobody waits for one that has failed often, and it is tried again by itself.

import { codeOf, type GuardErrorCode } from "./errors.ts";
import type { WindowOperation, WindowResult, WindowStore } from "./stores/window-store.ts";
import { within } from "./within.ts";

/** The window store is given up for now, and each rule does what its `outage` says. */
export interface Degraded {
  readonly reason: GuardErrorCode | "STORE_FAILED";
  /** Time of the signal at which it was given up, milliseconds since 1970. */
  readonly since: number;
}

interface BreakerOptions {
  readonly windows: WindowStore;
  readonly timeoutMs: number;
  /** Told of a failure, at most once in a second of the signals' time. */
  readonly onError: (error: unknown) => void;
  readonly onDegraded: (degraded: Degraded | undefined) => void;
}

type Answer = readonly WindowResult[] | undefined;

export interface Breaker {
  /** Undefined when the store has failed, took too long, or is given up at present; never throws. */
  observe(operations: readonly WindowOperation[], at: number): Answer | Promise<Answer>;
  degraded(): Degraded | undefined;
  close(): void;
}

const failuresToGiveUp = 5;
const probeEveryMs = 500;
const tellEveryMs = 1000;

export function createBreaker({ windows, timeoutMs, onError, onDegraded }: BreakerOptions): Breaker {
  let failures = 0;
  let latestAt = 0;
  let toldAt = 0;
  let degraded: Degraded | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function succeed(answer: Answer): Answer {
    failures = 0;
    return answer;
  }

  function fail(error: unknown): undefined {
    failures++;
    if (degraded) return;
    if (failures < failuresToGiveUp) {
      if (Math.abs(latestAt - toldAt) < tellEveryMs) return;
      toldAt = latestAt;
      onError(error);
      return;
    }
    degraded = { reason: codeOf(error) ?? "STORE_FAILED", since: latestAt };
    onError(error);
    onDegraded(degraded);
    probeLater();
  }

  function probeLater(): void {
    if (!isClosed) timer = setTimeout(probe, probeEveryMs).unref();
  }

  /** A small write, because a store that is full, or a replica, still reads. */
  async function probe(): Promise<void> {
    const target = { scope: "global", value: "probe", window: "breaker.probe" } as const;
    try {
      const answer = windows.observe([
        { kind: "recent", ...target, at: latestAt, windowMs: 1000, limit: 1, entry: "" },
      ]);
      if (answer instanceof Promise) await within(answer, timeoutMs);
      failures = 0;
      degraded = undefined;
      onDegraded(undefined);
    } catch {
      probeLater();
    }
  }

  return {
    observe(operations, at) {
      if (at > latestAt) latestAt = at;
      if (degraded) return undefined;
      try {
        const answer = windows.observe(operations);
        return answer instanceof Promise ? within(answer, timeoutMs).then(succeed, fail) : succeed(answer);
      } catch (error) {
        return fail(error);
      }
    },
    degraded: () => degraded,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
