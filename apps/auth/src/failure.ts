// An error that nobody foresaw: who is told of it, and what the client hears.

import type { ErrorFacts, ErrorReports, Logger } from "@fluxstudio/telemetry";

export const internalBody = { code: "INTERNAL", message: "Something went wrong on our side." };

export interface FailureOptions {
  readonly logger: Pick<Logger, "error">;
  readonly reports: Pick<ErrorReports, "error">;
}

/** @returns tells the log and Sentry of a request that failed */
export function createTellFailure({ logger, reports }: FailureOptions) {
  return (error: unknown, facts: ErrorFacts): void => {
    logger.error({ err: error, where: facts.where, path: facts.path }, "A request failed");
    reports.error(error, facts);
  };
}
