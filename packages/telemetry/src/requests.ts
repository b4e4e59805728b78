// Requests, each measured once: for the metrics, for the log, and for whoever watches.

import type { Activity } from "./activity.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { RequestContext } from "./request-context.ts";
import { createTraceIds } from "./trace-context.ts";

export interface RequestsOptions {
  readonly metrics: Metrics;
  readonly activity: Activity;
  readonly logger: Logger;
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly clock?: () => number;
}

export interface OpenRequest extends RequestContext {
  readonly startedAt: number;
}

/** What is known when it has been answered. */
export interface Answered {
  /** One of HTTP's, or `other`. */
  readonly method: string;
  /** The pattern of the route that serves it, or `other`: one of a fixed number. */
  readonly route: string;
  readonly status: number;
  /** Whether its line is for those who look for a fault only: probes, and files of pages. */
  readonly isRoutine: boolean;
  /** What the line says besides; asked only when there is one. Nothing secret, and bounded. */
  readonly facts: () => { readonly path: string; readonly ip: string };
}

export interface Requests {
  /** @param traceparent as the caller sent it */
  begin(traceparent: string | undefined): OpenRequest;
  end(request: OpenRequest, answered: Answered): void;
  /** Writes one line about all requests that the guard has refused since the last one. Call it regularly and at the end. */
  flush(): void;
}

/** From a refusal out of memory to a hash that had to wait, in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRequests({
  metrics,
  activity,
  logger,
  clock = () => performance.now(),
}: RequestsOptions): Requests {
  const identify = createTraceIds();
  const durations = metrics.histogram({
    name: "flux_http_request_duration_seconds",
    help: "Requests and how long their answers took, by route.",
    labels: ["method", "route", "status"],
    bounds,
  });
  const refusals = metrics.counter({
    name: "flux_http_requests_refused_total",
    help: "Requests that the guard refused.",
    labels: ["action", "reason"],
  });
  let inFlight = 0;
  metrics.gauge(
    { name: "flux_http_requests_in_flight", help: "Requests that are being answered." },
    () => inFlight,
  );
  /** Refused since the last line, by what was done about them. */
  let refused = new Map<string, number>();

  return {
    begin(traceparent) {
      inFlight++;
      return { ...identify(traceparent), startedAt: clock(), refusal: undefined, isAnswered: false };
    },

    end(request, { method, route, status, isRoutine, facts }) {
      inFlight--;
      request.isAnswered = true;
      const durationMs = clock() - request.startedAt;
      durations.observe({ method, route, status: `${Math.trunc(status / 100)}xx` }, durationMs / 1000);
      activity.watcher?.request(`${method} ${route}`, status, durationMs);
      const { refusal, requestId, traceId } = request;
      if (refusal) {
        refusals.add({ action: refusal.action, reason: refusal.reason });
        refused.set(refusal.action, (refused.get(refusal.action) ?? 0) + 1);
        return;
      }
      const level = isRoutine ? "debug" : "info";
      if (!logger.isLevelEnabled(level)) return;
      const rounded = Math.round(durationMs * 100) / 100;
      logger[level]({ requestId, traceId, method, ...facts(), status, durationMs: rounded }, "request");
    },

    flush() {
      if (refused.size === 0) return;
      logger.info({ refused: Object.fromEntries(refused) }, "Requests were refused");
      refused = new Map();
    },
  };
}
