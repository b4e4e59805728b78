// Makes the next days' tables of security events on PostgreSQL, besides what each start makes.

import type { Job } from "../jobs/job.ts";
import type { EventPartitions } from "./event-partitions.ts";

export function createPartitionJob(partitions: EventPartitions): Job {
  return {
    name: "event-days",
    description: "Makes the tables that hold the security events of the next days.",
    schedule: "41 * * * *",
    async run({ dryRun }) {
      if (!dryRun) await partitions.makeAhead();
    },
  };
}
