// The contract that server, dashboard and command line share.

export {
  type AlertChannelEntry,
  type AlertList,
  type AlertTestReport,
  alertQuery,
  type DeliveryEntry,
  type IncidentEntry,
} from "./alerts.ts";
export { AdminApiError, type AdminClient, createAdminClient } from "./client.ts";
export {
  anyId,
  type ExplainAnswer,
  eventQuery,
  explainQuery,
  type MailEntry,
  type MailList,
  mailId,
  mailQuery,
  newAdmin,
  newDecision,
  newRole,
  newToken,
  type SetupReport,
  type SetupWarning,
} from "./contract.ts";
export { type FeedEntry, type JobEntry, type JobList, type JobRun, newJobRun } from "./jobs.ts";
export { pagePaths } from "./pages.ts";
export { type PerformanceFrame, performanceFrame, performancePath } from "./performance.ts";
export type { SentryTestReport } from "./sentry.ts";
export { adminBase, type EventFormat, eventFormats } from "./words.ts";
