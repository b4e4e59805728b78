// An incident: what one rule found about one scope/value, or about many of them, from the first detection until it is quiet.

import type { Action, Evidence, Mode, Scope, Severity } from "@fluxstudio/guard";
import type { Insertable, Selectable } from "kysely";
import type { AlertIncidentTable } from "./alert-tables.ts";
import { addTo, countOf, mergeSketches, type Sketch } from "./distinct.ts";

/** The latest of what happened, for whoever reads the alert. What clients chose is here as it came. */
export interface Latest {
  readonly ip?: string | undefined;
  readonly account?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly path?: string | undefined;
  readonly country?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly attack?: string | undefined;
  readonly evidence?: Evidence | undefined;
  readonly eventId?: string | undefined;
  readonly decision?: IncidentDecision | undefined;
  /** Of an incident of the server: since when, milliseconds since 1970, and what is known. */
  readonly since?: number | undefined;
  readonly detail?: string | undefined;
}

export interface IncidentDecision {
  readonly id: string;
  readonly action: Action;
  readonly rule: string | undefined;
  readonly scope: Scope;
  readonly value: string;
  readonly until: number | null;
}

/** What happened about one rule and one scope/value (or more, when `values` says which) since the last note. */
export interface Note {
  readonly rule: string;
  readonly kind: "one" | "many" | "server";
  readonly scope: Scope | null;
  readonly value: string | null;
  severity: Severity;
  detections: number;
  refused: number;
  latest: Latest;
  /** Of many. */
  values: Sketch;
  sample: readonly string[];
}

/** What was said already, so that an update can say what changed. */
export interface Told {
  readonly detections: number;
  readonly refused: number;
  readonly values: number;
  readonly severity: Severity;
}

export interface Incident {
  readonly id: string;
  readonly rule: string;
  readonly kind: "one" | "many" | "server";
  scope: Scope | null;
  readonly value: string | null;
  severity: Severity;
  readonly openedAt: number;
  lastAt: number;
  closedAt: number | null;
  closedWhy: AlertIncidentTable["closed_why"];
  detections: number;
  refused: number;
  sequence: number;
  updates: number;
  nextUpdateAt: number;
  latest: Latest;
  values: Sketch;
  sample: readonly string[];
  told: Told | undefined;
}

const sampleSize = 5;

export const keyOfIncident = ({
  rule,
  scope,
  value,
  kind,
}: Pick<Note, "rule" | "scope" | "value" | "kind">) =>
  kind === "many" ? JSON.stringify([rule]) : JSON.stringify([rule, scope, value]);

/** Adds to an incident of many what is known of some of them. */
export function addValues(
  incident: Pick<Incident, "values" | "sample">,
  { value, values, sample }: Pick<Note, "value" | "values" | "sample">,
): void {
  incident.values = value === null ? mergeSketches(incident.values, values) : addTo(incident.values, [value]);
  const more = value === null ? sample : [value];
  incident.sample = [...new Set([...incident.sample, ...more])].slice(0, sampleSize);
}

export const toldOf = ({ detections, refused, values, severity }: Incident): Told => ({
  detections,
  refused,
  values: countOf(values).count,
  severity,
});

export function toRow(incident: Incident): Insertable<AlertIncidentTable> {
  const { latest, values, sample, told, ...rest } = incident;
  return {
    ...{ id: rest.id, rule: rest.rule, kind: rest.kind, scope: rest.scope, value: rest.value },
    ...{ severity: rest.severity, detections: rest.detections, refused: rest.refused },
    ...{ sequence: rest.sequence, updates: rest.updates, next_update_at: rest.nextUpdateAt },
    ...{ opened_at: rest.openedAt, last_at: rest.lastAt },
    ...{ closed_at: rest.closedAt, closed_why: rest.closedWhy },
    open_key: rest.closedAt === null ? keyOfIncident(incident) : null,
    state: JSON.stringify({ latest, values, sample, told }),
  };
}

export function fromRow(row: Selectable<AlertIncidentTable>): Incident {
  const state: Pick<Incident, "latest" | "values" | "sample" | "told"> = JSON.parse(row.state);
  return {
    ...{ id: row.id, rule: row.rule, kind: row.kind, scope: row.scope, value: row.value },
    ...{ severity: row.severity, detections: row.detections, refused: row.refused },
    ...{ sequence: row.sequence, updates: row.updates, nextUpdateAt: row.next_update_at },
    ...{ openedAt: row.opened_at, lastAt: row.last_at },
    ...{ closedAt: row.closed_at, closedWhy: row.closed_why },
    ...state,
    told: state.told,
  };
}
