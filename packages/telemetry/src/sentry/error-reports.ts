// Reports to Sentry: errors, a share of traces, detections. Off, and free, without a DSN: the SDK is not even loaded.

import type { EventSink } from "@fluxstudio/guard";
import type { Logger } from "../logger.ts";
import type { TokenBucketOptions } from "../token-bucket.ts";
import { parseDsn } from "./dsn.ts";
import type { ReportTest } from "./report-test.ts";

export interface ErrorReportsOptions {
  /** `https://KEY@HOST/PROJECT`; undefined: nothing is reported. */
  readonly dsn: string | undefined;
  /** @default "production" */
  readonly environment?: string;
  /** `flux-auth@1.2.3` */
  readonly release: string;
  /** Share of requests that are traced, from 0 to 1. @default 0.1 */
  readonly tracesSampleRate?: number;
  readonly logger: Logger;
  /** Longest time that closing takes. @default 2_000 */
  readonly closeTimeoutMs?: number;
  /** Time that Sentry has for one report. @default 5_000 */
  readonly sendTimeoutMs?: number;
  readonly limits?: ReportLimits;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** From 0 to 1: which requests are traced. @default Math.random */
  readonly random?: () => number;
}

/** What an attack, or an outage, may use of the quota. */
export interface ReportLimits {
  /** @default 20 at once, then one in 5 seconds */
  readonly errors?: TokenBucketOptions;
  /** Of one rule about one scope. @default 5 at once, then one a minute */
  readonly detections?: TokenBucketOptions;
  /** Of all rules. @default 30 at once, then one in 10 seconds */
  readonly allDetections?: TokenBucketOptions;
  /** @default 50 at once, then 10 a second */
  readonly traces?: TokenBucketOptions;
  /** How many reports may be under way; what comes on top of them is dropped. @default 32 */
  readonly pending?: number;
}

/** What is known about an error; nothing else of a request is reported. */
export interface ErrorFacts {
  /** Which part failed: a few words of ours. */
  readonly where?: string;
  readonly method?: string;
  /** As it may be written down: `/reset-password/*`. */
  readonly path?: string;
  /** Keyed id. */
  readonly account?: string | undefined;
  /** The process ends because of it. */
  readonly isFatal?: boolean;
}

/** Middleware of Hono, as far as it is needed here. */
export type RequestMiddleware = (
  c: {
    readonly req: { readonly method: string; readonly path: string };
    readonly res: { readonly status: number };
  },
  next: () => Promise<void>,
) => Promise<void>;

export interface ErrorReports {
  /** Reports an error, unless too many came before it. Never throws. */
  error(error: unknown, facts?: ErrorFacts): void;
  /** For a guard; undefined when nothing is reported. */
  readonly sink: EventSink | undefined;
  /** Middleware that traces a share of the requests; undefined when none are. */
  readonly traces: ((nameOf: (path: string) => string) => RequestMiddleware) | undefined;
  /** Tells a trace of a query that has ended; undefined when there are none. */
  readonly query: ((sql: string, durationMs: number) => void) | undefined;
  /** Sends one event past all limits, and says what the receiver answered; undefined when nothing is reported. Never rejects. */
  readonly test: (() => Promise<ReportTest>) | undefined;
  /** Since when the receiver takes no reports, in milliseconds since 1970; undefined while it does, or when nothing is reported. */
  refusedSince(): number | undefined;
  /** From now on an uncaught error is reported before it ends the process. */
  watchProcess(): void;
  /** Resolves when what is waiting is sent, or the time limit is over. */
  flush(): Promise<void>;
  /** Sends what is waiting, within the time limit. */
  close(): Promise<void>;
}

const off: ErrorReports = {
  error() {},
  sink: undefined,
  traces: undefined,
  query: undefined,
  test: undefined,
  refusedSince: () => undefined,
  watchProcess() {},
  async flush() {},
  async close() {},
};

/** @throws Error when the DSN is none; the message does not repeat it */
export async function createErrorReports(options: ErrorReportsOptions): Promise<ErrorReports> {
  const { logger } = options;
  if (options.dsn === undefined) {
    logger.info("Sentry DSN not configured");
    return off;
  }
  const dsn = parseDsn(options.dsn);
  if (!dsn) throw new Error("The Sentry DSN is not of the form https://KEY@HOST/PROJECT.");
  const { startReports } = await import("./start-reports.ts");
  return startReports(dsn, options);
}
