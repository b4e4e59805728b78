// The jobs of flux-auth, in the order in which they are listed.

import { createAlertJob } from "../alerts/alert-jobs.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Database } from "../database/database.ts";
import { createUpkeepJob } from "../database/upkeep-job.ts";
import { createDecisionJob } from "../decisions/decision-job.ts";
import { createDeviceJob } from "../devices/device-job.ts";
import { createEventArchive } from "../events/event-archive.ts";
import { createEventJob } from "../events/event-job.ts";
import type { EventPartitions } from "../events/event-partitions.ts";
import { createPartitionJob } from "../events/partition-job.ts";
import { createMailJob } from "../mail/mail-job.ts";
import { createTokenJob } from "../tokens/token-job.ts";
import type { Job } from "./job.ts";
import type { RetentionSettings } from "./retention-settings.ts";
import { createSessionJob } from "./session-job.ts";

export interface AllJobsOptions {
  readonly database: Database;
  readonly eventPartitions: EventPartitions;
  readonly alerts: Pick<Alerts, "jobs">;
  readonly retention: RetentionSettings;
  /** Where mails are written to files. */
  readonly outbox: string;
}

export function allJobs({ database, eventPartitions, alerts, retention, outbox }: AllJobsOptions): Job[] {
  const { eventsMs, eventArchive: directory, devicesMs } = retention;
  const archive = directory === undefined ? undefined : createEventArchive({ database, directory });
  return [
    createTokenJob({ database }),
    createSessionJob({ database }),
    createDeviceJob({ database, keptMs: devicesMs }),
    createDecisionJob({ database, eventsMs }),
    createMailJob({ database, directory: outbox }),
    createAlertJob({ database }),
    ...alerts.jobs,
    createEventJob({ database, keptMs: eventsMs, archive }),
    database.dialect === "postgres" ? createPartitionJob(eventPartitions) : createUpkeepJob({ database }),
  ];
}
