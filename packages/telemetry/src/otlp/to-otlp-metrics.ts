// Prometheus' metrics in OpenTelemetry's terms: counters are sums, buckets no longer hold the smaller ones.

import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue } from "prom-client";

type PromMetric = MetricObjectWithValues<MetricValue<string>>;

interface Times {
  /** When counting began, milliseconds since 1970. */
  readonly startedAt: number;
  readonly at: number;
}

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, unknown>>;
  /** Of a histogram: the metric's name with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string;
}

export function toOtlpMetrics(metrics: readonly PromMetric[], times: Times): MetricData[] {
  const points = { startTime: toHrTime(times.startedAt), endTime: toHrTime(times.at) };
  return metrics.flatMap(({ name, help, type, values }): MetricData[] => {
    const descriptor = { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE };
    const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
    const plain = (values as readonly Sample[]).map(({ value, labels }) => ({
      ...points,
      value,
      attributes: labels as Attributes,
    }));
    // As the types of prom-client say; its JSON has words.
    const kind = String(type);
    if (kind === "counter")
      return [{ ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: plain }];
    if (kind === "gauge") return [{ ...common, dataPointType: DataPointType.GAUGE, dataPoints: plain }];
    if (kind !== "histogram") return [];
    const dataPoints = histogramsIn(name, values as readonly Sample[]).map((one) => ({ ...points, ...one }));
    return [{ ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }];
  });
}

function histogramsIn(name: string, samples: readonly Sample[]) {
  const found = new Map<string, { attributes: Attributes; bounds: number[]; upTo: number[]; sum: number }>();
  for (const { metricName, value, labels } of samples) {
    const { le, ...attributes } = labels as Attributes & { le?: number | string };
    const key = JSON.stringify(attributes);
    const one = found.get(key) ?? { attributes, bounds: [], upTo: [], sum: 0 };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    if (metricName !== `${name}_bucket`) continue;
    one.upTo.push(value);
    // Behind the last bound there is one more bucket, which needs none.
    if (le !== "+Inf") one.bounds.push(Number(le));
  }
  return [...found.values()].map(({ attributes, bounds, upTo, sum }) => ({
    attributes,
    value: {
      buckets: { boundaries: bounds, counts: upTo.map((count, i) => count - (upTo[i - 1] ?? 0)) },
      count: upTo.at(-1) ?? 0,
      sum,
    },
  }));
}

const unitOf = (name: string): string =>
  /_seconds(?:_total)?$/.test(name) ? "s" : /_bytes$/.test(name) ? "By" : "1";

const toHrTime = (at: number): HrTime => [Math.trunc(at / 1000), Math.round(at % 1000) * 1e6];
