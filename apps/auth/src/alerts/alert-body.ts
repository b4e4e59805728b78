// What an alert says, once for all channels: facts for programs and sentences for people, all of it fit for one line each.

import type { Scope, Severity } from "@fluxstudio/guard";
import { plain } from "../mail/plain.ts";
import { digestWords, testWords, type Words, wordsOf } from "./alert-words.ts";
import type { DigestContent } from "./digests.ts";
import { countOf } from "./distinct.ts";
import type { Incident } from "./incident.ts";

/** What a webhook posts. Nothing in it has control characters, line breaks or marks that change the direction of writing. */
export interface AlertBody {
  readonly type: "alert.opened" | "alert.updated" | "alert.recovered" | "alert.digest" | "alert.test";
  readonly timestamp: string;
  readonly data: AlertData;
}

export interface AlertData extends Words {
  readonly severity: Severity;
  /** The origin of the server that says it. */
  readonly server: string;
  readonly incident?: IncidentData;
  /** Of a digest: the worst first, and only some when there are many. */
  readonly incidents?: readonly IncidentData[];
}

export interface IncidentData {
  readonly id: string;
  readonly status: "open" | "closed";
  /** The first alert about it is 1. */
  readonly sequence: number;
  readonly kind: Incident["kind"];
  readonly rule: string;
  readonly attack?: string | undefined;
  readonly severity: Severity;
  /** Null: of several kinds. */
  readonly scope: Scope | null;
  /** Null: of many, see `values`. */
  readonly value: string | null;
  readonly values?: { readonly count: number; readonly isExact: boolean; readonly sample: readonly string[] };
  readonly openedAt: string;
  readonly lastAt: string;
  readonly closedAt: string | null;
  readonly detections: number;
  /** Requests that were refused under its decisions, as far as they are summed up by now. */
  readonly refused: number;
  readonly decision?: {
    readonly id: string;
    readonly action: string;
    readonly scope: Scope;
    readonly value: string;
    readonly until: string | null;
  };
  readonly eventId?: string | undefined;
}

export interface AlertMoment {
  readonly kind: "opened" | "updated" | "recovered";
  readonly at: number;
  readonly sequence: number;
}

/** @returns JSON of an `AlertBody` */
export type BodyOf = (incident: Incident, moment: AlertMoment) => string;

export interface BodiesOptions {
  readonly publicUrl: string;
  /** The sentence of a rule, for people. */
  readonly summaryOf: (rule: string) => string | undefined;
}

export function createBodies({ publicUrl: server, summaryOf }: BodiesOptions) {
  return {
    incident(incident: Incident, { kind, at, sequence }: AlertMoment): string {
      const { severity } = incident;
      const words = wordsOf(incident, kind, summaryOf(incident.rule));
      const data = { ...words, severity, server, incident: toData(incident, sequence) };
      return write({ type: `alert.${kind}`, timestamp: isoOf(at), data });
    },
    digest(content: DigestContent, at: number): string {
      const severity = content.incidents[0]?.severity ?? "informational";
      const incidents = content.incidents.map((one) => toData(one, one.sequence));
      const data = { ...digestWords(content, at), severity, server, incidents };
      return write({ type: "alert.digest", timestamp: isoOf(at), data });
    },
    test(at: number): AlertBody {
      const data: AlertData = { ...testWords(server), severity: "informational", server };
      return { type: "alert.test", timestamp: isoOf(at), data };
    },
  };
}

const isoOf = (at: number): string => new Date(at).toISOString();

function toData(incident: Incident, sequence: number): IncidentData {
  const { id, kind, rule, severity, scope, value, openedAt, lastAt, closedAt, latest } = incident;
  const { decision, attack, eventId } = latest;
  return {
    ...{
      id,
      status: closedAt === null ? "open" : "closed",
      sequence,
      kind,
      rule,
      attack,
      severity,
      scope,
      value,
    },
    ...(kind === "many" && { values: { ...countOf(incident.values), sample: incident.sample } }),
    ...{
      openedAt: isoOf(openedAt),
      lastAt: isoOf(lastAt),
      closedAt: closedAt === null ? null : isoOf(closedAt),
    },
    ...{ detections: incident.detections, refused: incident.refused },
    ...(decision && {
      decision: {
        ...{ id: decision.id, action: decision.action, scope: decision.scope, value: decision.value },
        until: decision.until === null ? null : isoOf(decision.until),
      },
    }),
    eventId,
  };
}

/** Every text is cleaned here, so that no channel has to think of it. */
const write = (body: AlertBody): string =>
  JSON.stringify(body, (_name, value) => (typeof value === "string" ? plain(value) : value));
