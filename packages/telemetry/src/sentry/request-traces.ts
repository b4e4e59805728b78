// A trace for a share of the requests: one span for the whole, one for each query and each step that says so.
//
// The draw comes first. A request that is not drawn costs one random number, and nothing is allocated for it; there is no
// instrumentation that would run for all of them.

import { generateTraceId, Scope, type SpanAttributes, startInactiveSpan, withScope } from "@sentry/core";
import type { ServerRuntimeClient } from "@sentry/core/server";
import { requestContext } from "../request-context.ts";
import { createTokenBucket, type TokenBucketOptions } from "../token-bucket.ts";
import { type ActiveTrace, activeTrace } from "./active-trace.ts";
import type { RequestMiddleware } from "./error-reports.ts";
import { scrubSql } from "./scrub-text.ts";

export interface RequestTracesOptions {
  readonly sdk: ServerRuntimeClient;
  /** Share of the requests, from 0 to 1. */
  readonly sampleRate: number;
  /** How many traces there may be; a flood would burn the quota otherwise. @default 50 at once, then 10 a second */
  readonly limit?: TokenBucketOptions | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface RequestTraces {
  /** @param nameOf what may be written down of a path: `/reset-password/*` */
  middleware(nameOf: (path: string) => string): RequestMiddleware;
  /** Adds a statement that has just ended to the trace of this request, if it has one. */
  query(sql: string, durationMs: number): void;
}

/** A request that asks a thousand times is understood from the first. */
const maxSpans = 50;
export function createRequestTraces(options: RequestTracesOptions): RequestTraces {
  const { sdk, sampleRate, limit = { burst: 50, refillMs: 100 }, random, now } = options;
  const bucket = createTokenBucket(limit);

  function begin(draw: number, name: string, path: string) {
    // The log's. Whoever asks may say which trace he belongs to, and never whether it is kept: strangers would burn the quota.
    const traceId = requestContext.getStore()?.traceId ?? generateTraceId();
    const scope = new Scope();
    scope.setClient(sdk);
    // The SDK takes this draw for its own.
    scope.setPropagationContext({ traceId, sampleRand: draw });
    const attributes: SpanAttributes = {
      "http.request.method": name.slice(0, name.indexOf(" ")),
      "http.route": path,
      "sentry.origin": "auto.http.flux",
      "sentry.segment.name.source": "route",
    };
    const root = startInactiveSpan({ name, op: "http.server", attributes, scope, forceTransaction: true });
    let spans = 0;
    const trace: ActiveTrace = {
      scope,
      add(op, name, durationMs) {
        if (spans >= maxSpans) return;
        spans += 1;
        const endedAt = now();
        const startTime = new Date(endedAt - durationMs);
        withScope(scope, () =>
          startInactiveSpan({ name, op, startTime, parentSpan: root, scope }).end(new Date(endedAt)),
        );
      },
    };
    const end = (status: number) => {
      root.setAttribute("http.response.status_code", status);
      root.setStatus({ code: status >= 500 ? 2 : 1 });
      withScope(scope, () => root.end());
    };
    return { trace, end };
  }

  return {
    middleware: (nameOf) => (c, next) => {
      const draw = random();
      if (draw >= sampleRate || !bucket.take(now())) return next();
      const { method } = c.req;
      const path = nameOf(c.req.path);
      const { trace, end } = begin(draw, `${method} ${path}`, path);
      return activeTrace.run(trace, next).finally(() => end(c.res.status));
    },
    query(sql, durationMs) {
      activeTrace.getStore()?.add("db.query", scrubSql(sql), durationMs);
    },
  };
}
