// Requests, each measured once: for the metrics, for the log, and for whoever watches.

import type { Activity } from "./activity.ts";
import { fieldWriterOf, type Logger } from "./logger.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { RequestContext } from "./request-context.ts";
import { createTokenBucket } from "./token-bucket.ts";
import { createTraceIds } from "./trace-context.ts";

export interface RequestsOptions {
  readonly metrics: Metrics;
  readonly activity: Activity;
  readonly logger: Logger;
  /** Lines of requests in the long run, those with a 5xx have as many besides; Infinity: all. @default 100 */
  readonly linesPerSecond?: number;
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
  /**
   * @param traceparent as the caller sent it
   * @param startedAt of the clock, when it had to wait before @default now
   */
  begin(traceparent: string | undefined, startedAt?: number): OpenRequest;
  end(request: OpenRequest, answered: Answered): void;
  /** Writes a line about what the guard has refused since the last one, and one about what else had none of its own. Call it regularly and at the end. */
  flush(): void;
}

/** From a refusal out of memory to a hash that had to wait, in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds whose lines may come at once. */
const burstSeconds = 5;

export function createRequests({
  metrics,
  activity,
  logger,
  linesPerSecond = 100,
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
  /** Without a line since the last one, by route and status; there are as many as routes. */
  let unwritten = new Map<string, number>();
  const budget = { burst: linesPerSecond * burstSeconds, refillMs: 1000 / linesPerSecond };
  const lines = createTokenBucket(budget);
  // A flood of others must not keep the lines of faults out, nor the other way round.
  const faultLines = createTokenBucket(budget);
  const write = fieldWriterOf(logger);

  function writeLine(level: "debug" | "info", request: OpenRequest, line: Line): void {
    const { requestId, traceId } = request;
    const { method, path, ip, status, durationMs } = line;
    // What has to be quoted was chosen by nobody outside, but for its length: see `Answered`.
    const trace = traceId === undefined ? "" : `"traceId":"${traceId}",`;
    const asked = `"method":"${method}","path":${JSON.stringify(path)},"ip":${JSON.stringify(ip)}`;
    const fields = `"requestId":"${requestId}",${trace}${asked},"status":${status},"durationMs":${durationMs}`;
    if (write) write(level, fields, "request");
    else logger[level]({ requestId, traceId, ...line }, "request");
  }

  return {
    begin(traceparent, startedAt = clock()) {
      inFlight++;
      return { ...identify(traceparent), startedAt, refusal: undefined, isAnswered: false };
    },

    end(request, { method, route, status, isRoutine, facts }) {
      inFlight--;
      request.isAnswered = true;
      const endedAt = clock();
      const durationMs = endedAt - request.startedAt;
      durations.observe({ method, route, status: `${Math.trunc(status / 100)}xx` }, durationMs / 1000);
      activity.watcher?.request(`${method} ${route}`, status, durationMs);
      const { refusal } = request;
      if (refusal) {
        refusals.add({ action: refusal.action, reason: refusal.reason });
        countOne(refused, refusal.action);
        return;
      }
      const level = isRoutine ? "debug" : "info";
      if (!logger.isLevelEnabled(level)) return;
      if (!(status >= 500 ? faultLines : lines).take(endedAt)) {
        countOne(unwritten, `${method} ${route} ${status}`);
        return;
      }
      writeLine(level, request, {
        method,
        ...facts(),
        status,
        durationMs: Math.round(durationMs * 100) / 100,
      });
    },

    flush() {
      if (refused.size > 0) logger.info({ refused: Object.fromEntries(refused) }, "Requests were refused");
      if (unwritten.size > 0)
        logger.info({ requests: Object.fromEntries(unwritten) }, "Requests without lines of their own");
      refused = new Map();
      unwritten = new Map();
    },
  };
}

interface Line extends Pick<Answered, "method" | "status"> {
  readonly path: string;
  readonly ip: string;
  readonly durationMs: number;
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
