// Sends the metrics to an OpenTelemetry collector every minute. A module of its own: what it loads nobody else needs.

import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { inTime } from "../in-time.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { toOtlpMetrics } from "./to-otlp-metrics.ts";

export interface OtlpExportOptions {
  readonly metrics: Pick<Metrics, "values">;
  /** The collector's address, such as http://127.0.0.1:4318; `/v1/metrics` is put behind it. */
  readonly endpoint: string;
  /** What the collector wants to be shown; secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly intervalMs: number;
  readonly logger: Pick<Logger, "info" | "warn">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @default 10_000 */
  readonly timeoutMs?: number;
  /** Time for the last sending: the end of a process has ten seconds for everything. @default 2_000 */
  readonly lastPushMs?: number;
}

export interface OtlpExport {
  /** Sends what there is now; waits for what is being sent. Never fails: that is told, once until it works again. */
  push(): Promise<void>;
  /** Sends a last time, and ends. */
  close(): Promise<void>;
}

/** The protocol counts from a start; a collector takes an earlier value after a later one for a start anew. */
export function startOtlpExport(options: OtlpExportOptions): OtlpExport {
  const { metrics, endpoint, headers, serviceName, intervalMs, logger, now } = options;
  const { timeoutMs = 10_000, lastPushMs = 2_000 } = options;
  const exporter = new OTLPMetricExporter({
    url: `${endpoint.replace(/\/$/, "")}/v1/metrics`,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
  });
  const resource = resourceFromAttributes({ "service.name": serviceName });
  const startedAt = now();
  let pushing: Promise<void> | undefined;
  let isFailing = false;

  /** A collector says in an error what it was sent with: only the message is told. */
  function told(error: Error | undefined): void {
    if (error && !isFailing) {
      logger.warn({ reason: error.message, endpoint }, "The metrics cannot be sent to the collector");
    }
    if (!error && isFailing) logger.info({ endpoint }, "The metrics are sent to the collector again");
    isFailing = error !== undefined;
  }

  async function send(): Promise<void> {
    try {
      const found = toOtlpMetrics(await metrics.values(), { startedAt, at: now() });
      const scopeMetrics = [{ scope: { name: "flux" }, metrics: found }];
      const { error } = await new Promise<{ error?: Error }>((done) =>
        exporter.export({ resource, scopeMetrics }, done),
      );
      told(error);
    } catch (error) {
      told(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** One at a time: a collector that is slow must not make more and more wait. */
  function push(): Promise<void> {
    pushing ??= send().finally(() => {
      pushing = undefined;
    });
    return pushing;
  }

  const timer = setInterval(() => void push(), intervalMs);
  timer.unref();
  return {
    push,
    async close() {
      clearInterval(timer);
      // `shutdown` waits for what is under way, and for all that is tried again: as long as `timeoutMs`.
      const ended = push().then(() => exporter.shutdown());
      await inTime(ended, lastPushMs).catch(told);
    },
  };
}
