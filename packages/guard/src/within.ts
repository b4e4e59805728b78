// A time limit for a promise.

import { GuardError } from "./errors.ts";

/** Resolves like `promise`, or rejects with `STORE_TIMEOUT` after `limitMs`. The promise itself goes on. */
export function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () =>
      reject(new GuardError("STORE_TIMEOUT", `The store did not answer within ${limitMs} ms.`));
    // When this process was busy for so long itself, the answer may be there: what has arrived is read first.
    const timer = setTimeout(() => setImmediate(fail), limitMs);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
