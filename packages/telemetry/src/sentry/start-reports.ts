// Reports to Sentry, switched on: loaded only when there is a DSN.

import { createSentryClient } from "./client.ts";
import { createDetectionReports } from "./detection-reports.ts";
import type { Dsn } from "./dsn.ts";
import { createErrorCapture } from "./error-capture.ts";
import type { ErrorReports, ErrorReportsOptions } from "./error-reports.ts";
import { endOnUncaught } from "./process-errors.ts";
import { createRequestTraces } from "./request-traces.ts";

export async function startReports(dsn: Dsn, options: ErrorReportsOptions): Promise<ErrorReports> {
  const { release, logger, environment = "production", tracesSampleRate = 0.1 } = options;
  const {
    closeTimeoutMs = 2_000,
    sendTimeoutMs,
    limits = {},
    now = Date.now,
    random = Math.random,
  } = options;
  let refusedSince: number | undefined;
  const client = await createSentryClient({
    ...{ dsn, environment, release, tracesSampleRate, now },
    ...{ timeoutMs: sendTimeoutMs, maxPending: limits.pending },
    onTrouble(reason) {
      refusedSince = reason === undefined ? undefined : now();
      if (reason === undefined) logger.info("Sentry takes reports again");
      else logger.warn({ reason }, "Sentry takes no reports; it is tried again later");
    },
    onNoProfiling: (error) =>
      logger.warn(
        { err: error },
        "@sentry/profiling-node is installed and cannot be used: nothing is profiled",
      ),
  });
  const { sdk } = client;
  const capture = createErrorCapture({ sdk, now, limit: limits.errors });
  const close = () => client.close(closeTimeoutMs);
  const traces =
    tracesSampleRate > 0
      ? createRequestTraces({ sdk, sampleRate: tracesSampleRate, random, now, limit: limits.traces })
      : undefined;
  const { host, projectId } = dsn;
  const isProfiling = client.isProfiling;
  logger.info({ host, projectId, environment, release, tracesSampleRate, isProfiling }, "Sentry initialized");
  return {
    error: capture,
    sink: createDetectionReports({
      ...{ capture: (event) => void sdk.captureEvent(event), now },
      ...{ each: limits.detections, together: limits.allDetections },
    }),
    traces: traces?.middleware,
    query: traces?.query,
    test: client.test,
    refusedSince: () => refusedSince,
    watchProcess: () =>
      endOnUncaught({ logger, capture: (error) => capture(error, { isFatal: true }), flush: close }),
    flush: async () => void (await sdk.flush(closeTimeoutMs)),
    close,
  };
}
