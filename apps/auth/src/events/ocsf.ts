// A security event in the words of others: OCSF (https://schema.ocsf.io) and the OWASP logging vocabulary.

import { isIP } from "node:net";
import {
  type Action,
  type Confidence,
  type Detection,
  type SecurityEvent,
  type Severity,
  type Signal,
  severities,
  severityOf,
} from "@fluxstudio/guard";

/** The version of the schema, which every event is tested against. */
export const ocsfVersion = "1.7.0";
const product = { name: "flux-auth", vendor_name: "Flux Studio" };

const authenticationClass = 3002;
const detectionFindingClass = 2004;

export interface OcsfEvent {
  readonly class_uid: number;
  readonly class_name: string;
  readonly category_uid: number;
  readonly activity_id: number;
  readonly activity_name: string;
  readonly type_uid: number;
  readonly time: number;
  readonly severity_id: number;
  readonly severity: string;
  readonly status_id: number;
  readonly status: string;
  readonly metadata: { readonly [attribute: string]: unknown };
  readonly [attribute: string]: unknown;
}

export type Status = "success" | "failure" | "unknown";

/**
 * @returns class 2004 (Detection Finding) when a rule matched, or when refusals under an earlier finding are summed up;
 * class 3002 (Authentication) otherwise. What the class has no attribute for is under `unmapped`.
 */
export function toOcsf(event: SecurityEvent): OcsfEvent {
  const { classUid, activityId, activityName } = classOf(event);
  const severity = severityOf(event);
  const isFinding = classUid === detectionFindingClass;
  const className = isFinding ? "Detection Finding" : "Authentication";
  const { method } = event.signal;
  const head = {
    class_uid: classUid,
    class_name: className,
    category_uid: Math.floor(classUid / 1000),
    category_name: isFinding ? "Findings" : "Identity & Access Management",
    activity_id: activityId,
    activity_name: activityName,
    type_uid: classUid * 100 + activityId,
    type_name: `${className}: ${activityId === otherActivity ? "Other" : activityName}`,
    time: event.at,
    severity_id: severityIds[severity],
    severity: capitalise(severity),
    unmapped: withoutUndefined({
      owasp: owaspOf(event),
      signal: event.signal.type,
      door: event.signal.door,
      device: event.signal.device,
      method: method === undefined || isMethod(method) ? undefined : method,
      decision: event.decision,
      refusals: event.refusals,
    }),
  };
  return withoutUndefined({ ...head, ...(isFinding ? finding(event) : authentication(event)) });
}

/** OCSF class and activity. */
export function classOf({ signal, detections, refusals }: SecurityEvent): {
  classUid: number;
  activityId: number;
  activityName: string;
} {
  if (detections.length > 0)
    return { classUid: detectionFindingClass, activityId: 1, activityName: "Create" };
  if (refusals) return { classUid: detectionFindingClass, activityId: 2, activityName: "Update" };
  const [activityId, activityName] = activities[signal.type];
  return { classUid: authenticationClass, activityId, activityName };
}

/** Whether what the client wanted came about. */
export function statusOf({ signal, decision, refusals }: SecurityEvent): Status {
  if (signal.type === "sign-in-failure" || signal.type === "refresh-token-reuse" || refusals)
    return "failure";
  if (signal.type === "request" || signal.type === "sign-in-attempt") {
    return decision && decision.action !== "allow" ? "failure" : "unknown";
  }
  return signal.type === "sign-in-abandoned" ? "unknown" : "success";
}

/** The event's name in the OWASP logging vocabulary, without the parameters that may follow a colon. */
export function owaspOf(event: SecurityEvent): string {
  return mainDetection(event)?.owasp ?? owaspNames[event.signal.type];
}

/** The detection that made the decision, else the worst. */
export function mainDetection({ detections, decision }: SecurityEvent): Detection | undefined {
  const deciding = detections.find((detection) => detection.rule === decision?.rule);
  return deciding ?? detections.toSorted((one, other) => rank(other) - rank(one))[0];
}

function authentication(event: SecurityEvent) {
  const { signal } = event;
  const status = statusOf(event);
  return {
    metadata: metadata(event),
    status_id: { unknown: 0, success: 1, failure: 2 }[status],
    status: capitalise(status),
    // The schema demands a user, and an attempt may not name one.
    user: userOf(signal) ?? { name: "unknown" },
    service: { name: product.name },
    is_remote: true,
    session: signal.session === undefined ? undefined : { uid: signal.session },
    src_endpoint: sourceOf(signal),
    http_request: requestOf(signal),
    http_response: responseOf(signal),
  };
}

function finding(event: SecurityEvent) {
  const { id, at, signal, detections, decision, refusals } = event;
  const main = mainDetection(event);
  const rule = main?.rule ?? decision?.rule ?? decision?.origin ?? "decision";
  const outcome = outcomes[decision?.action ?? "record"];
  return {
    metadata: { ...metadata(event), profiles: ["security_control"] },
    status_id: 1,
    status: "New",
    ...outcome,
    confidence_id: main && confidenceIds[main.confidence],
    confidence: main && capitalise(main.confidence),
    count: refusals?.count,
    start_time: refusals?.since,
    end_time: refusals && at,
    finding_info: withoutUndefined({
      // Refusals belong to the finding that the block came from.
      uid: refusals ? (decision?.eventId ?? decision?.id ?? id) : id,
      title: main ? `${rule}: ${main.scope} ${main.value}` : `${rule}: refused while blocked`,
      types: detections.length > 0 ? detections.map((detection) => detection.rule) : [rule],
      analytic: { type_id: 1, type: "Rule", uid: rule, name: rule },
      attacks: attacksOf(detections),
      created_time: refusals ? undefined : at,
    }),
    evidences: (detections.length > 0 ? detections : [undefined]).map((detection) =>
      withoutUndefined({
        src_endpoint: sourceOf(signal),
        user: userOf(signal),
        http_request: requestOf(signal),
        http_response: responseOf(signal),
        data: detection && {
          rule: detection.rule,
          scope: detection.scope,
          value: detection.value,
          mode: detection.mode,
          ...detection.evidence,
        },
      }),
    ),
  };
}

function metadata({ id, signal }: SecurityEvent) {
  return withoutUndefined({ version: ocsfVersion, product, uid: id, correlation_uid: signal.id });
}

function userOf({ account }: Signal) {
  return account === undefined ? undefined : { uid: account };
}

function sourceOf({ ip, place }: Signal) {
  return withoutUndefined({
    // The peer of a Unix domain socket has no address.
    ...(isIP(ip) === 0 ? { name: ip } : { ip }),
    location: locationOf(place),
    autonomous_system:
      place?.asn === undefined ? undefined : withoutUndefined({ number: place.asn, name: place.network }),
  });
}

/** Nothing but coordinates, or the network, is no location to the schema. */
function locationOf({ country, city }: Signal["place"] = {}) {
  return country === undefined && city === undefined ? undefined : withoutUndefined({ country, city });
}

function requestOf({ method, path, userAgent }: Signal) {
  if (method === undefined && path === undefined && userAgent === undefined) return undefined;
  return withoutUndefined({
    http_method: isMethod(method) ? method : undefined,
    url: path === undefined ? undefined : { path },
    user_agent: userAgent,
  });
}

const responseOf = ({ status }: Signal) => (status === undefined ? undefined : { code: status });

/** `T1110.001` is a sub-technique of `T1110`. */
function attacksOf(detections: readonly Detection[]) {
  const ids = [...new Set(detections.flatMap(({ attack }) => attack ?? []))];
  if (ids.length === 0) return undefined;
  return ids.map((id) => ({
    technique: { uid: id.split(".")[0] },
    ...(id.includes(".") ? { sub_technique: { uid: id } } : {}),
  }));
}

const rank = ({ severity }: Detection): number => severities.indexOf(severity);
const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

const severityIds: Record<Severity, number> = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 };
const confidenceIds: Record<Confidence, number> = { low: 1, medium: 2, high: 3 };

/** What a decision comes to for the client. */
const outcomes: Record<Action | "record", object> = {
  record: { action_id: 3, action: "Observed", disposition_id: 15, disposition: "Detected" },
  allow: { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" },
  delay: { action_id: 2, action: "Denied", disposition_id: 14, disposition: "Delayed" },
  challenge: { action_id: 2, action: "Denied", disposition_id: 23, disposition: "Challenge" },
  "step-up": { action_id: 2, action: "Denied", disposition_id: 23, disposition: "Challenge" },
  block: { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" },
  lock: { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" },
};

/** The schema knows these; any other word of a client is kept beside it. */
const methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
const isMethod = (method: string | undefined): boolean => method !== undefined && methods.includes(method);

const otherActivity = 99;

/** Activities of class 3002; 99 is OCSF's "other", with the name of its source. Its tickets are those of Kerberos. */
const activities: Record<Signal["type"], readonly [id: number, name: string]> = {
  "sign-in-attempt": [1, "Logon"],
  "sign-in-failure": [1, "Logon"],
  "sign-in-success": [1, "Logon"],
  "sign-in-abandoned": [1, "Logon"],
  "account-recovered": [99, "Account recovery"],
  "sign-out": [2, "Logoff"],
  "sign-up": [99, "Sign-up"],
  "token-refresh": [99, "Token refresh"],
  "refresh-token-reuse": [99, "Refresh token reuse"],
  "refresh-token-repeat": [99, "Refresh token repeat"],
  request: [99, "Request"],
};

/** https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html */
const owaspNames: Record<Signal["type"], string> = {
  "sign-in-attempt": "authn_login_fail",
  "sign-in-failure": "authn_login_fail",
  "sign-in-success": "authn_login_success",
  "sign-in-abandoned": "authn_login_fail",
  "account-recovered": "authn_password_change",
  "sign-out": "session_expired",
  "sign-up": "user_created",
  "token-refresh": "session_renewed",
  "refresh-token-reuse": "authn_token_reuse",
  "refresh-token-repeat": "authn_token_reuse",
  request: "authz_fail",
};
