// The settings of monitoring: who may read the metrics, and where else they go.

import { z } from "zod";
import { refuseWeakSecret, secretAdvice } from "../config-values.ts";

export interface MonitoringSettings {
  /** What Prometheus shows to read /metrics; undefined: operators only. Secret. */
  readonly metricsToken: string | undefined;
  /** Of requests, in the long run; see `createRequests`. */
  readonly linesPerSecond: number;
  /** Undefined: nothing is sent anywhere. */
  readonly otlp:
    | {
        readonly endpoint: string;
        /** Hold secrets: not for logs. */
        readonly headers: Readonly<Record<string, string>>;
        readonly serviceName: string;
        readonly intervalMs: number;
      }
    | undefined;
}

export const monitoringVariables = {
  METRICS_TOKEN: z
    .string()
    // As a header may carry it: RFC 6750, section 2.1.
    .regex(/^[A-Za-z0-9._~+/-]{1,200}=*$/, { error: secretAdvice, abort: true })
    .superRefine(refuseWeakSecret)
    .optional(),
  LOG_REQUESTS_PER_SECOND: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, "write a whole number from 1 to 999999")
    .transform(Number)
    .default(100),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(
      isHttpUrl,
      "write the address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318; secrets go into OTEL_EXPORTER_OTLP_HEADERS",
    )
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().transform(readHeaders).optional(),
  OTEL_METRIC_EXPORT_INTERVAL: z
    .string()
    .regex(/^[1-9]\d{3,6}$/, "write a number of milliseconds from 1000 to 9999999")
    .transform(Number)
    .default(60_000),
  OTEL_SERVICE_NAME: z.string().max(100, "write at most 100 characters").default("flux-auth"),
};

type MonitoringValues = z.output<z.ZodObject<typeof monitoringVariables>>;

export function toMonitoringSettings(values: MonitoringValues): MonitoringSettings {
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    metricsToken: values.METRICS_TOKEN,
    linesPerSecond: values.LOG_REQUESTS_PER_SECOND,
    otlp:
      endpoint === undefined
        ? undefined
        : {
            endpoint,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
            serviceName: values.OTEL_SERVICE_NAME,
            intervalMs: values.OTEL_METRIC_EXPORT_INTERVAL,
          },
  };
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  // The log names it, so it must hold no secret; a query would end up before the path that is put behind it.
  const more = url && url.username + url.password + url.search + url.hash;
  return url !== null && ["http:", "https:"].includes(url.protocol) && more === "";
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/: as W3C Baggage, percent-encoded. The message repeats no value. */
function readHeaders(text: string, context: z.RefinementCtx): Record<string, string> {
  const pairs = text.split(",").map((pair) => /^\s*([!#$%&'*+.^`|~\w-]+)\s*=\s*(\S.*?)\s*$/.exec(pair));
  try {
    if (pairs.every((pair) => pair !== null))
      return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, decodeURIComponent(value)]));
  } catch {
    // Not percent-encoded as it should be.
  }
  context.addIssue({ code: "custom", message: "write NAME=VALUE pairs, separated by commas" });
  return z.NEVER;
}
