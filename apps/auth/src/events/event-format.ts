// The formats that security events are handed on in.

import type { SecurityEvent } from "@fluxstudio/guard";
import { toEcs } from "./ecs.ts";
import { toOcsf } from "./ocsf.ts";

export const eventFormats = ["ecs", "ocsf"] as const;
export type EventFormat = (typeof eventFormats)[number];

const formatters: Record<EventFormat, (event: SecurityEvent) => object> = { ecs: toEcs, ocsf: toOcsf };

export const formatEvent = (event: SecurityEvent, format: EventFormat): object => formatters[format](event);
