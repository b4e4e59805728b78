// The settings of the file that security events are written to.

import { resolve } from "node:path";
import { type EventFormat, eventFormats } from "@fluxstudio/admin-api";
import { z } from "zod";

/** Undefined: no file. */
export type EventFileSettings = { readonly path: string; readonly format: EventFormat } | undefined;

export const eventFileVariables = {
  EVENT_LOG_FILE: z.string().optional(),
  EVENT_LOG_FORMAT: z.enum(eventFormats, `write ${eventFormats.join(" or ")}`).default("ecs"),
};

type EventFileValues = z.output<z.ZodObject<typeof eventFileVariables>>;

export function toEventFileSettings({
  EVENT_LOG_FILE,
  EVENT_LOG_FORMAT,
}: EventFileValues): EventFileSettings {
  return EVENT_LOG_FILE === undefined
    ? undefined
    : { path: resolve(EVENT_LOG_FILE), format: EVENT_LOG_FORMAT };
}
