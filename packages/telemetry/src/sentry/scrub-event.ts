// What may leave in a report: each field is named here, and made anew; whatever else an SDK or a library has put in stays.

import type { Breadcrumb, Event, Exception, SpanJSON, StackFrame } from "@sentry/core";
import { isSecretName } from "../redact.ts";
import { scrubText } from "./scrub-text.ts";

/** Fields of one object, items of one list. Ours have fewer. */
const maxEntries = 40;
const maxText = 500;
const maxDepth = 4;
const maxFrames = 50;
const maxSpans = 100;
const maxBreadcrumbs = 20;
const redacted = "[redacted]";

const spanAttributes = new Set([
  ...["http.request.method", "http.route", "http.response.status_code", "db.system.name", "db.query.text"],
  ...["sentry.op", "sentry.origin", "sentry.sample_rate", "sentry.source", "sentry.segment.name.source"],
]);

type Data = { readonly [name: string]: unknown };

/**
 * An event (an error, a detection or a transaction) of which only the fields named here are left, with no secret in them. Never
 * there: headers, cookies, bodies, query strings, local variables, lines of source code, the machine's name, addresses and
 * names of people. Of a person the keyed id of the account is kept.
 */
export function scrubEvent<Kind extends Event>(event: Kind): Kind {
  const kept: Event = {
    type: event.type,
    event_id: event.event_id,
    timestamp: event.timestamp,
    start_timestamp: event.start_timestamp,
    platform: event.platform,
    level: event.level,
    logger: event.logger,
    environment: event.environment,
    release: event.release,
    sdk: event.sdk,
    message: text(event.message),
    transaction: text(event.transaction),
    transaction_info: event.transaction_info,
    fingerprint: event.fingerprint?.slice(0, 5).map((part) => scrubText(part, 100)),
    tags: event.tags && scrubTags(event.tags),
    extra: event.extra && scrubFields(event.extra),
    contexts: event.contexts && scrubContexts(event.contexts),
    user: event.user?.id === undefined ? undefined : { id: String(event.user.id).slice(0, 100) },
    request: event.request && { method: event.request.method, url: text(event.request.url) },
    exception: event.exception && { values: event.exception.values?.slice(-5).map(scrubException) },
    breadcrumbs: event.breadcrumbs?.slice(-maxBreadcrumbs).map(scrubBreadcrumb),
    spans: event.spans?.slice(0, maxSpans).map(scrubSpan),
    // Read by the SDK, and not sent.
    sdkProcessingMetadata: event.sdkProcessingMetadata,
  };
  return kept as Kind;
}

export function scrubSpan(span: SpanJSON): SpanJSON {
  const { span_id, parent_span_id, trace_id, start_timestamp, timestamp, op, origin, status } = span;
  const ids = { span_id, parent_span_id, trace_id };
  const description = text(span.description);
  return { ...ids, start_timestamp, timestamp, op, origin, status, description, data: scrubData(span.data) };
}

export function scrubBreadcrumb({ timestamp, type, category, level, message, data }: Breadcrumb): Breadcrumb {
  return { timestamp, type, category, level, message: text(message), data: data && scrubFields(data) };
}

/** What is named after a secret is taken out at any depth; texts are scrubbed, and there are only so many. */
function scrubFields(fields: Data, depth = 0): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, maxEntries)) {
    if (value === undefined) continue;
    kept[scrubText(name, 100)] = isSecretName(name) ? redacted : scrubValue(value, depth + 1);
  }
  return kept;
}

function scrubValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return scrubText(value, maxText);
  if (typeof value !== "object" || value === null) return isPlain(value) ? value : String(typeof value);
  if (depth > maxDepth) return "[deeper than reports go]";
  if (value instanceof Error) return scrubText(`${value.name}: ${value.message}`, maxText);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => scrubValue(item, depth + 1));
  const entries = value instanceof Map || value instanceof Headers ? Object.fromEntries(value) : value;
  return scrubFields(entries as Data, depth);
}

const isPlain = (value: unknown): boolean =>
  value === null || typeof value === "number" || typeof value === "boolean";

function scrubTags(tags: NonNullable<Event["tags"]>): Event["tags"] {
  const kept = Object.entries(tags).slice(0, maxEntries);
  return Object.fromEntries(kept.map(([name, value]) => [name, scrubText(String(value), 200)]));
}

function scrubContexts({ trace, runtime, profile }: NonNullable<Event["contexts"]>): Event["contexts"] {
  return {
    ...(trace && {
      trace: {
        trace_id: trace.trace_id,
        span_id: trace.span_id,
        parent_span_id: trace.parent_span_id,
        op: trace.op,
        status: trace.status,
        origin: trace.origin,
        data: trace.data && scrubData(trace.data),
      },
    }),
    ...(runtime && { runtime: { name: runtime.name, version: runtime.version } }),
    // The id of a profile that is sent on its own.
    ...(profile && { profile: { profile_id: profile.profile_id, profiler_id: profile.profiler_id } }),
  };
}

function scrubData(data: Data = {}): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const name of spanAttributes) {
    const value = data[name];
    if (typeof value === "string") kept[name] = scrubText(value, maxText);
    else if (typeof value === "number" || typeof value === "boolean") kept[name] = value;
  }
  return kept;
}

function scrubException({ type, value, mechanism, module, stacktrace }: Exception): Exception {
  return {
    type: text(type),
    value: text(value),
    module,
    mechanism: mechanism && {
      type: mechanism.type,
      handled: mechanism.handled,
      ...(mechanism.exception_id !== undefined && { exception_id: mechanism.exception_id }),
      ...(mechanism.parent_id !== undefined && { parent_id: mechanism.parent_id }),
    },
    stacktrace: stacktrace && { frames: stacktrace.frames?.slice(-maxFrames).map(scrubFrame) },
  };
}

/** Of a stack or a profile. */
export function scrubFrame({ filename, function: name, lineno, colno, in_app }: StackFrame): StackFrame {
  return { filename: filename && place(filename), function: name?.slice(0, 200), lineno, colno, in_app };
}

/** Where a file is within the program; whose directory that is on, is nobody's business. */
function place(filename: string): string {
  const path = filename.slice(0, 1_000).replace(/^file:\/\//, "");
  if (path.startsWith("node:")) return path.slice(0, 200);
  const root = `${process.cwd()}/`;
  const within = path.startsWith(root) ? path.slice(root.length) : path.split("/").slice(-2).join("/");
  const inModules = path.lastIndexOf("/node_modules/");
  return `app:///${inModules < 0 ? within : path.slice(inModules + 1)}`.slice(0, 300);
}

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : scrubText(value);
