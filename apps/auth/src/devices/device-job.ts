// Forgets devices that nobody has signed in from for long.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { deleteOld } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";

export interface DeviceJobOptions {
  readonly database: Pick<Database, "kysely">;
  readonly keptMs: number;
}

export function createDeviceJob({ database: { kysely }, keptMs }: DeviceJobOptions): Job {
  return {
    name: "devices",
    description: "Forgets devices that were not used for DEVICE_RETENTION_DAYS, but no account's last one.",
    schedule: "23 2 * * *",
    async run(context) {
      const unusedSince = context.now - keptMs;
      await deleteOld(context, "devices", {
        ...{ kysely, table: "device" },
        // Without any, the next one would be taken for the account's first, of which no owner is told.
        isOld: sql`last_used_at <= ${unusedSince} and exists (
          select 1 from device as later
          where later.user_id = device.user_id and later.last_used_at > device.last_used_at)`,
      });
    },
  };
}
