// What every service uses to say how it is: logs, metrics, health, reports to Sentry and an orderly end.

export { type Activity, createActivity, type Watcher } from "./activity.ts";
export { createGuardMetrics, type GuardMetrics } from "./guard-metrics.ts";
export { createHealth, type Health, type HealthOptions, type HealthReport } from "./health.ts";
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics/metrics.ts";
export { addProcessMetrics } from "./metrics/process-metrics.ts";
export { requestContext } from "./request-context.ts";
export { createRequests, type OpenRequest, type Requests } from "./requests.ts";
export { traceStep } from "./sentry/active-trace.ts";
export { parseDsn } from "./sentry/dsn.ts";
export {
  createErrorReports,
  type ErrorFacts,
  type ErrorReports,
  type ErrorReportsOptions,
} from "./sentry/error-reports.ts";
export type { ReportTest } from "./sentry/report-test.ts";
export { onShutdown, type ShutdownOptions, type ShutdownStep } from "./shutdown.ts";
export { formatTraceparent } from "./trace-context.ts";
