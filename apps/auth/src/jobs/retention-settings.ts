// The settings of what is kept for how long.

import { resolve } from "node:path";
import { z } from "zod";

export interface RetentionSettings {
  readonly eventsMs: number;
  /** Where old events go before they are deleted; undefined: nowhere. */
  readonly eventArchive: string | undefined;
  readonly devicesMs: number;
}

const dayMs = 24 * 60 * 60_000;

const days = (least: number, byDefault: number) =>
  z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= 3650, {
      message: `write a number of days from ${least} to 3650`,
    })
    .transform(Number)
    .default(byDefault);

export const retentionVariables = {
  EVENT_RETENTION_DAYS: days(1, 90),
  EVENT_ARCHIVE_DIR: z.string().optional(),
  DEVICE_RETENTION_DAYS: days(30, 365),
};

type RetentionValues = z.output<z.ZodObject<typeof retentionVariables>>;

export function toRetentionSettings(values: RetentionValues): RetentionSettings {
  const archive = values.EVENT_ARCHIVE_DIR;
  return {
    eventsMs: values.EVENT_RETENTION_DAYS * dayMs,
    eventArchive: archive === undefined ? undefined : resolve(archive),
    devicesMs: values.DEVICE_RETENTION_DAYS * dayMs,
  };
}
