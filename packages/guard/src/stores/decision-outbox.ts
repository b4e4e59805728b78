// Changes on their way to a place that may be away: sent in order, many at once, and tried again until they are there.

import type { Decision } from "../decision.ts";
import { GuardError } from "../errors.ts";
import type { DecisionChange } from "./redis-decision-scripts.ts";

export interface DecisionOutboxOptions {
  /** Answers each change in its place; keeps all of them or rejects. A change that was kept already is no mistake. */
  readonly deliver: (changes: readonly DecisionChange[]) => Promise<readonly (Decision | undefined)[]>;
  /** Told of failures that no caller is told of. */
  readonly onError: (error: unknown) => void;
  /** Changes have been given up, because too many wait. */
  readonly onOverflow: () => void;
}

export interface DecisionOutbox {
  /** Resolves with what the change has ended, when it is there. Rejects when it is not there yet: it is tried again all the same. */
  send(change: DecisionChange): Promise<Decision | undefined>;
  /** Tries now, for example because there is a connection again. */
  retry(): void;
  /** Tries for the last time. */
  close(): Promise<void>;
}

interface Waiting extends PromiseWithResolvers<Decision | undefined> {
  readonly change: DecisionChange;
}

const batchSize = 100;
const mostWaiting = 10_000;
const retryMs = 1_000;

export function createDecisionOutbox(options: DecisionOutboxOptions): DecisionOutbox {
  const { deliver, onError, onOverflow } = options;
  /** In the order of their coming; those that are tried again have been rejected already. */
  const waiting = new Set<Waiting>();
  let working: Promise<void> | undefined;
  let failure: { readonly error: unknown; readonly timer: NodeJS.Timeout } | undefined;

  function work(): Promise<void> {
    working ??= sendAll().finally(() => {
      working = undefined;
    });
    return working;
  }

  async function sendAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, batchSize);
      try {
        const answers = await deliver(batch.map(({ change }) => change));
        batch.forEach((one, i) => {
          waiting.delete(one);
          one.resolve(answers[i]);
        });
      } catch (error) {
        return failed(error);
      }
    }
  }

  /** Whoever waits is told now; others are refused at once until the next try. */
  function failed(error: unknown): void {
    for (const one of waiting) one.reject(error);
    clearTimeout(failure?.timer);
    failure = { error, timer: setTimeout(retry, retryMs).unref() };
    onError(error);
  }

  function overflow(): void {
    const error = new GuardError("STORE_UNAVAILABLE", "More changes wait for the store than it takes.");
    for (const one of waiting) one.reject(error);
    waiting.clear();
    onOverflow();
  }

  function retry(): void {
    clearTimeout(failure?.timer);
    failure = undefined;
    void work();
  }

  return {
    send(change) {
      const one: Waiting = { ...Promise.withResolvers<Decision | undefined>(), change };
      if (waiting.size >= mostWaiting) overflow();
      waiting.add(one);
      if (failure) one.reject(failure.error);
      else void work();
      return one.promise;
    },
    retry,
    async close() {
      retry();
      await work();
      clearTimeout(failure?.timer);
    },
  };
}
