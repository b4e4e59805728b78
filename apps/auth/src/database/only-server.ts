// Whether this process is the only one that serves a database: each counts guesses by itself.

import type { Logger } from "@fluxstudio/telemetry";
import type { Database } from "./database.ts";

/** @returns the database, which is free for another server when it is closed */
export async function warnUnlessOnlyServer(
  database: Database,
  logger: Pick<Logger, "warn">,
): Promise<Database> {
  const lock = await database.openLock("server");
  if (!(await lock.tryAcquire())) {
    logger.warn(
      { database: database.description },
      "Another flux-auth serves this database. Each counts guesses by itself, so an attacker has as many tries at each of them: run one.",
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
