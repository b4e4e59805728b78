// A security event in the words of the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs).

import { isIP } from "node:net";
import {
  type Detection,
  type SecurityEvent,
  type Severity,
  type Signal,
  severityOf,
} from "@fluxstudio/guard";
import { mainDetection, owaspOf, statusOf } from "./ocsf.ts";

/** The version of the schema, which every line is tested against. */
export const ecsVersion = "9.4.0";

export interface EcsEvent {
  readonly "@timestamp": string;
  readonly ecs: { readonly version: string };
  readonly event: { readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * @returns `event.action` is the name in the OWASP logging vocabulary, `user.hash` the account's keyed hash. What ECS has no
 * field for is under `flux`.
 */
export function toEcs(event: SecurityEvent): EcsEvent {
  const { id, at, signal, detections, decision, refusals } = event;
  const rule = mainDetection(event)?.rule ?? decision?.rule;
  const severity = severityOf(event);
  return withoutUndefined({
    "@timestamp": new Date(at).toISOString(),
    ecs: { version: ecsVersion },
    message: messageOf(event),
    event: withoutUndefined({
      id,
      ...kindOf(event),
      action: owaspOf(event),
      outcome: statusOf(event),
      severity: severityNumbers[severity],
      dataset: "flux.security",
      provider: "flux-auth",
      start: refusals && new Date(refusals.since).toISOString(),
      end: refusals && new Date(at).toISOString(),
    }),
    service: { name: "flux-auth" },
    source: sourceOf(signal),
    user: signal.account === undefined ? undefined : { hash: signal.account },
    user_agent: signal.userAgent === undefined ? undefined : { original: signal.userAgent },
    url: signal.path === undefined ? undefined : { path: signal.path },
    http: httpOf(signal),
    rule: rule === undefined ? undefined : { id: rule, name: rule },
    threat: threatOf(detections),
    related: withoutUndefined({
      ip: isIP(signal.ip) === 0 ? undefined : [signal.ip],
      user: signal.account === undefined ? undefined : [signal.account],
    }),
    flux: ownFields(event, severity),
  });
}

function kindOf({ signal, detections, decision, refusals }: SecurityEvent) {
  if (detections.length === 0 && !refusals) {
    const [category, type] = categories[signal.type];
    return { kind: "event", category, type };
  }
  const type = decision === undefined ? "info" : decision.action === "allow" ? "allowed" : "denied";
  return {
    kind: detections.length > 0 ? "alert" : "event",
    category: ["intrusion_detection"],
    type: [type],
  };
}

function messageOf(event: SecurityEvent): string {
  const { signal, refusals } = event;
  const main = mainDetection(event);
  if (main) return `${main.rule}: ${main.scope} ${main.value}`;
  return refusals ? `${refusals.count} refused: ip ${signal.ip}` : `${signal.type}: ip ${signal.ip}`;
}

function sourceOf({ ip, place }: Signal) {
  const { country, city, latitude, longitude, asn, network } = place ?? {};
  const isPoint = latitude !== undefined && longitude !== undefined;
  const geo = withoutUndefined({
    country_iso_code: country,
    city_name: city,
    location: isPoint ? { lat: latitude, lon: longitude } : undefined,
  });
  const as = withoutUndefined({
    number: asn,
    organization: network === undefined ? undefined : { name: network },
  });
  return withoutUndefined({
    address: ip,
    // The peer of a Unix domain socket has no address.
    ip: isIP(ip) === 0 ? undefined : ip,
    geo: Object.keys(geo).length > 0 ? geo : undefined,
    as: Object.keys(as).length > 0 ? as : undefined,
  });
}

function httpOf({ method, status }: Signal) {
  if (method === undefined && status === undefined) return undefined;
  return withoutUndefined({
    request: method === undefined ? undefined : { method },
    response: status === undefined ? undefined : { status_code: status },
  });
}

/** `T1110.001` is a sub-technique of `T1110`. */
function threatOf(detections: readonly Detection[]) {
  const ids = [...new Set(detections.flatMap(({ attack }) => attack ?? []))];
  if (ids.length === 0) return undefined;
  const below = ids.filter((id) => id.includes("."));
  return {
    framework: "MITRE ATT&CK",
    technique: {
      id: [...new Set(ids.map((id) => id.replace(/\..*/, "")))],
      ...(below.length > 0 ? { subtechnique: { id: below } } : {}),
    },
  };
}

function ownFields({ signal, detections, decision, refusals }: SecurityEvent, severity: Severity) {
  return withoutUndefined({
    signal: signal.type,
    severity,
    door: signal.door,
    device: signal.device,
    session: signal.session,
    refusals: refusals && { count: refusals.count },
    decision:
      decision &&
      withoutUndefined({
        id: decision.id,
        action: decision.action,
        scope: decision.scope,
        value: decision.value,
        origin: decision.origin,
        until: decision.until === null ? undefined : new Date(decision.until).toISOString(),
        event_id: decision.eventId,
        reason: decision.reason,
      }),
    detections:
      detections.length === 0
        ? undefined
        : detections.map(({ rule, scope, value, severity, confidence, mode, evidence }) => ({
            ...{ rule, scope, value, severity, confidence, mode, evidence },
          })),
  });
}

/** Those that OCSF has, too. */
const severityNumbers: Record<Severity, number> = {
  informational: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

/** Of an event in which nothing was detected. */
const categories: Record<Signal["type"], readonly [category: readonly string[], type: readonly string[]]> = {
  "sign-in-attempt": [["authentication"], ["start"]],
  "sign-in-failure": [["authentication"], ["start"]],
  "sign-in-success": [["authentication", "session"], ["start"]],
  "sign-in-abandoned": [["authentication"], ["info"]],
  "account-recovered": [["authentication"], ["info"]],
  "sign-out": [["authentication", "session"], ["end"]],
  "sign-up": [["iam"], ["user", "creation"]],
  "token-refresh": [["session"], ["info"]],
  "refresh-token-reuse": [["session"], ["info"]],
  "refresh-token-repeat": [["session"], ["info"]],
  request: [["web"], ["access"]],
};

function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
