// Detections as events of their own: one issue for each rule and scope, and only as many events as say something new.

import type { Detection, EventSink, SecurityEvent, Severity } from "@fluxstudio/guard";
import type { Event, SeverityLevel } from "@sentry/core";
import { createTokenBucket, type TokenBucket, type TokenBucketOptions } from "../token-bucket.ts";

export interface DetectionReportsOptions {
  readonly capture: (event: Event) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How often one rule may report about one scope. @default 5 at once, then one a minute */
  readonly each?: TokenBucketOptions | undefined;
  /** How often all of them together may. @default 30 at once, then one in 10 seconds; 20 an hour come on top, of what was not heard of within an hour */
  readonly together?: TokenBucketOptions | undefined;
}

/** One issue in Sentry. */
interface Group {
  readonly bucket: TokenBucket;
  /** When it was reported last, milliseconds since 1970. */
  reportedAt: number;
  /** What was left out since the last event, and the latest of it. */
  omitted: number;
  latest?: { readonly event: SecurityEvent; readonly detection: Detection };
}

/** There are as many as rules and scopes; this is for rules that make up scopes. */
const maxGroups = 200;
const minuteMs = 60_000;
const longSilenceMs = 60 * minuteMs;
/** Reports within an hour of what was silent until then. */
const reserved = 20;

/** @returns a sink; `flush` tells what was left out as soon as there is room for it again */
export function createDetectionReports(options: DetectionReportsOptions): EventSink {
  const { capture, now } = options;
  const { each = { burst: 5, refillMs: minuteMs }, together = { burst: 30, refillMs: minuteMs / 6 } } =
    options;
  const all = createTokenBucket(together);
  const reserve = createTokenBucket({ burst: reserved, refillMs: longSilenceMs / reserved });
  const groups = new Map<string, Group>();

  function groupOf({ rule, scope }: Detection): Group | undefined {
    const key = `${rule} ${scope}`;
    let group = groups.get(key);
    if (!group && groups.size < maxGroups) {
      group = { bucket: createTokenBucket(each), reportedAt: Number.NEGATIVE_INFINITY, omitted: 0 };
      groups.set(key, group);
    }
    return group;
  }

  /** One that was not heard of for long has a reserve: an attack by other rules would keep it waiting as long as it likes. */
  function mayReport(group: Group, at: number): boolean {
    if (!group.bucket.take(at)) return false;
    if (all.take(at)) return true;
    if (at - group.reportedAt >= longSilenceMs && reserve.take(at)) return true;
    group.bucket.giveBack();
    return false;
  }

  function report(group: Group, event: SecurityEvent, detection: Detection): void {
    const { omitted } = group;
    group.omitted = 0;
    group.reportedAt = Math.max(group.reportedAt, event.at);
    delete group.latest;
    capture(toSentryEvent(event, detection, omitted));
  }

  return {
    name: "Sentry",
    write(event) {
      for (const detection of event.detections) {
        const group = groupOf(detection);
        if (!group) continue;
        if (mayReport(group, event.at)) report(group, event, detection);
        else {
          group.omitted += 1;
          group.latest = { event, detection };
        }
      }
    },
    async flush() {
      // Whoever was heard of last has to wait longest.
      const byAge = [...groups.values()].sort((one, other) => one.reportedAt - other.reportedAt || 0);
      for (const group of byAge) {
        const { latest } = group;
        if (latest && mayReport(group, now())) {
          group.omitted -= 1;
          report(group, latest.event, latest.detection);
        }
      }
    },
  };
}

const levels: Readonly<Record<Severity, SeverityLevel>> = {
  informational: "info",
  low: "info",
  medium: "warning",
  high: "error",
  critical: "fatal",
};

function toSentryEvent(event: SecurityEvent, detection: Detection, omitted: number): Event {
  const { rule, scope, value, severity, confidence, mode, attack, owasp, evidence } = detection;
  const { signal, decision } = event;
  return {
    // Whole seconds and fractions, as Sentry has them.
    timestamp: event.at / 1000,
    level: levels[severity],
    logger: "flux.detections",
    message: `${rule}: ${scope}`,
    fingerprint: ["detection", rule, scope],
    // Words of ours: few values each. Whatever a client can choose is below.
    tags: { kind: "detection", rule, scope, severity, mode, action: decision?.action ?? "record" },
    extra: {
      ...{ value, ...evidence },
      ...{ confidence, attack, owasp, eventId: event.id },
      ...{ ip: signal.ip, path: signal.path, userAgent: signal.userAgent },
      until: decision?.until == null ? undefined : new Date(decision.until).toISOString(),
      omittedBefore: omitted > 0 ? omitted : undefined,
    },
    ...(signal.account !== undefined && { user: { id: signal.account } }),
  };
}
