// Deletes decisions that are over, and that nothing refers to any more.

import { offenceMemoryMs, uuidv7 } from "@fluxstudio/guard";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { deleteOld } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";

export interface DecisionJobOptions {
  readonly database: Pick<Database, "kysely">;
  /** How long events are kept, which name them. */
  readonly eventsMs: number;
}

export function createDecisionJob({ database: { kysely }, eventsMs }: DecisionJobOptions): Job {
  // Those that make the next block longer are read at each start, however short events are kept.
  const keptMs = Math.max(eventsMs, 2 * offenceMemoryMs);
  return {
    name: "decisions",
    description: "Deletes decisions that were over, or lifted, EVENT_RETENTION_DAYS ago.",
    schedule: "29 2 * * *",
    async run(context) {
      const over = context.now - keptMs;
      await deleteOld(context, "decisions", {
        ...{ kysely, table: "decision" },
        isOld: sql`(removed_at <= ${over} or until <= ${over})`,
        before: uuidv7(over),
      });
    },
  };
}
