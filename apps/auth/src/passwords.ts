// Passwords: argon2id off the event loop, old bcrypt hashes verified and replaced, and no more at once than the cores bear.

import { availableParallelism } from "node:os";
import { type ClientContext, clientContext } from "@fluxstudio/guard/client-context";
import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { verify as bcryptVerify } from "@node-rs/bcrypt";
import { APIError } from "better-auth/api";
import pLimit from "p-limit";

/** OWASP Password Storage Cheat Sheet: argon2id (algorithm 2) with 19 MiB, 2 passes, 1 lane. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Waiting hashes above which the server says it is busy: some 3 s of work on two cores. */
const longestQueue = 200;

export interface Rehash {
  readonly from: string;
  readonly to: string;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  verify(check: { hash: string; password: string }): Promise<boolean>;
  /** The old hash that has just been verified, and the new one to put in its place, once. */
  takeRehash(): Rehash | undefined;
}

export function createPasswords(): Passwords {
  const limit = pLimit(availableParallelism());
  const rehashes = new WeakMap<ClientContext, Rehash>();

  function queued<Result>(run: () => Promise<Result>): Promise<Result> {
    if (limit.pendingCount >= longestQueue) {
      throw new APIError(
        "SERVICE_UNAVAILABLE",
        { code: "BUSY", message: "Too many sign-ins at once. Try again." },
        { "Retry-After": "3" },
      );
    }
    return limit(run);
  }
  const hash = (password: string) => queued(() => argon2Hash(password, parameters));

  return {
    hash,
    async verify({ hash: stored, password }) {
      const old = stored.startsWith("$2");
      const right = await queued(() =>
        old ? bcryptVerify(password, stored) : argon2Verify(stored, password),
      );
      const client = clientContext.getStore();
      if (client?.locked) return false;
      if (right && old && client) rehashes.set(client, { from: stored, to: await hash(password) });
      return right;
    },
    takeRehash() {
      const client = clientContext.getStore();
      const made = client && rehashes.get(client);
      if (client) rehashes.delete(client);
      return made;
    },
  };
}
