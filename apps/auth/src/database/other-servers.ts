// What a process has to know of the others that serve its database: each counts guesses by itself without Redis, and all need the same secret.

import type { Logger } from "@fluxstudio/telemetry";
import { markOf, SecretError } from "../secret.ts";
import type { Database } from "./database.ts";

export interface OtherServersOptions {
  readonly logger: Pick<Logger, "warn">;
  /** What `loadSecret` returns. */
  readonly secret: string;
  /** Whether this process counts together with others. */
  readonly sharesCounts: boolean;
}

/**
 * Warns when another process serves it, and they do not count together.
 * @returns the database, which is free for another server when it is closed
 * @throws SecretError when another one does so with another secret
 */
export async function joinServers(
  database: Database,
  { logger, secret, sharesCounts }: OtherServersOptions,
): Promise<Database> {
  const lock = await database.openLock("server");
  if (!(await lock.agreesOn(markOf(secret)))) {
    await lock.close();
    throw new SecretError(
      `FLUX_SECRET: another flux-auth, which serves ${database.description}, has another one, so each would refuse the sessions and tokens of the other. Give all of them the same FLUX_SECRET; to change it, stop all of them first.`,
      "SECRET_DIFFERS",
    );
  }
  if (!(await lock.tryAcquire()) && !sharesCounts) {
    logger.warn(
      { database: database.description },
      "Another flux-auth serves this database. Each counts guesses by itself, so an attacker has as many tries at each of them: set REDIS_URL for all of them, or run one.",
    );
  }
  let closed = false;
  return {
    ...database,
    async close() {
      if (!closed) await lock.close();
      closed = true;
      await database.close();
    },
  };
}
