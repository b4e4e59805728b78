// The formats that security events are handed on in.

import type { EventFormat } from "@fluxstudio/admin-api";
import type { SecurityEvent } from "@fluxstudio/guard";
import { toEcs } from "./ecs.ts";
import { toOcsf } from "./ocsf.ts";

const formatters: Record<EventFormat, (event: SecurityEvent) => object> = { ecs: toEcs, ocsf: toOcsf };

export const formatEvent = (event: SecurityEvent, format: EventFormat): object => formatters[format](event);
