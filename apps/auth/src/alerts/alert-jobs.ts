// The jobs of alerts: digests when they are due, and the end of what is over for long.

import { uuidv7 } from "@fluxstudio/guard";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { deleteOld } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";
import type { AlertStore } from "./alert-store.ts";
import type { Digests } from "./digests.ts";

const keptForMs = 90 * 24 * 3_600_000;

export interface DigestJobOptions {
  readonly store: AlertStore;
  readonly digests: Digests;
  /** Called when there is something to send. */
  readonly onDigest: () => void;
}

export function createDigestJob({ store, digests, onDigest }: DigestJobOptions): Job {
  return {
    name: "alert-digests",
    description:
      "Tells of alerts that were too mild, or too many, to be sent at once, when their time has come.",
    schedule: "*/5 * * * *",
    async run({ dryRun, now, progress }) {
      await progress({ digests: 0 });
      const due = await digests.due(now);
      if (!dryRun && due > 0) {
        await store.locked((transaction) => digests.run(transaction, now));
        onDigest();
      }
      await progress({ digests: due });
    },
  };
}

export function createAlertJob({
  database: { kysely },
}: {
  readonly database: Pick<Database, "kysely">;
}): Job {
  return {
    name: "alerts",
    description: "Deletes incidents that are over for 90 days, and what was sent about them.",
    schedule: "51 2 * * *",
    async run(context) {
      const cut = context.now - keptForMs;
      const before = uuidv7(cut);
      await deleteOld(context, "deliveries", {
        ...{ kysely, table: "alert_delivery", before },
        isOld: sql`created_at <= ${cut}`,
      });
      await deleteOld(context, "alerts", {
        ...{ kysely, table: "alert", before },
        isOld: sql`created_at <= ${cut}`,
      });
      await deleteOld(context, "incidents", {
        ...{ kysely, table: "alert_incident", before },
        isOld: sql`closed_at <= ${cut}`,
      });
    },
  };
}
