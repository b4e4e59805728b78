// Lets one process at a time change the tables, on either engine; the lock of a process that dies is free at once.

import { setTimeout as wait } from "node:timers/promises";
import type { Database, PatientDatabase } from "./database.ts";

const patienceMs = 60_000;
const retryMs = 50;

/**
 * Runs `run` while no other process (or other connection of this one) runs anything under this lock. Not to be nested.
 * @throws Error when the lock is not free within a minute
 */
export async function withMigrationLock<Result>(
  database: Database,
  run: (kysely: PatientDatabase["kysely"]) => Promise<Result>,
): Promise<Result> {
  const lock = await database.openLock("migration");
  try {
    // Asking again instead of waiting inside the database: SQLite would block this thread, and PostgreSQL's time limit
    // for statements would end the wait.
    for (let waitedMs = 0; !(await lock.tryAcquire()); waitedMs += retryMs) {
      if (waitedMs >= patienceMs) {
        throw new Error(`Another process has been migrating this database for over ${patienceMs / 1000} s.`);
      }
      await wait(retryMs);
    }
    const patient = await database.openPatient();
    try {
      return await run(patient.kysely);
    } finally {
      await patient.close();
    }
  } finally {
    await lock.close();
  }
}
