// How flux-auth says how it is: metrics, the log of its requests, and the live view, wired.

import type { WindowStore } from "@fluxstudio/guard";
import {
  type Activity,
  addProcessMetrics,
  createActivity,
  createGuardMetrics,
  createMetrics,
  createRequests,
  type GuardMetrics,
  type Logger,
  type Metrics,
  type Requests,
} from "@fluxstudio/telemetry";
import type { Database } from "../database/database.ts";
import type { EventStore } from "../events/event-store.ts";
import type { WaitingRoom } from "../front/waiting-room.ts";
import { createPerformanceFeed, type PerformanceFeed } from "../live/performance-feed.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Passwords } from "../passwords.ts";
import type { Missing } from "./missing.ts";
import type { MonitoringSettings } from "./monitoring-settings.ts";
import { addServiceMetrics } from "./service-metrics.ts";

export interface MonitoringOptions {
  readonly settings: MonitoringSettings;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is measured from outside, once it is there. */
export interface Monitored {
  readonly windows: Pick<WindowStore, "name">;
  /** See `createHealth`. */
  readonly degraded: Missing;
  readonly database: Pick<Database, "kysely">;
  readonly events: Pick<EventStore, "status">;
  readonly mailer: Pick<Mailer, "status">;
  readonly passwords: Pick<Passwords, "status">;
  readonly room: Pick<WaitingRoom, "status">;
}

export interface Monitoring {
  readonly metrics: Metrics;
  readonly requests: Requests;
  /** Put between the guard and what it is made of. */
  readonly guard: GuardMetrics;
  /** The live view of what is monitored. */
  watch(monitored: Monitored): PerformanceFeed;
  /** Ends its timers, once what is left has been sent. */
  close(): Promise<void>;
}

export async function createMonitoring({ settings, logger, now }: MonitoringOptions): Promise<Monitoring> {
  const metrics = createMetrics();
  const activity: Activity = createActivity();
  const stopTimers = addProcessMetrics(metrics);
  const requests = createRequests({ metrics, activity, logger, linesPerSecond: settings.linesPerSecond });
  const guardMetrics = createGuardMetrics(metrics, activity);
  const { otlp, metricsToken } = settings;
  // Loaded when it is wanted: it takes as much memory as the rest of the log and the metrics.
  const exported =
    otlp && (await import("@fluxstudio/telemetry/otlp")).startOtlpExport({ ...otlp, metrics, logger, now });
  logger.info(
    {
      metricsReaders: metricsToken ? "METRICS_TOKEN" : "operators",
      otlp: otlp?.endpoint ?? "not configured",
    },
    metricsToken ? "Metrics are at /metrics" : "METRICS_TOKEN not configured: /metrics is for operators only",
  );
  return {
    metrics,
    requests,
    guard: guardMetrics,
    watch(monitored) {
      addServiceMetrics(metrics, monitored);
      return createPerformanceFeed({
        ...{ activity, now },
        degraded: monitored.degraded,
        storeName: monitored.windows.name,
        activeBlocks: () =>
          guardMetrics
            .activeDecisions()
            .reduce((sum, { labels, value }) => (labels.action === "block" ? sum + value : sum), 0),
      });
    },
    async close() {
      requests.flush();
      stopTimers();
      await exported?.close();
    },
  };
}
