// A histogram that Prometheus' client library registers like its own, at a fifth of the cost: each request is counted in two.

import type { MetricObjectWithValues, MetricValueWithName, Registry } from "prom-client";

export interface HistogramOptions<Name extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Name[];
  /** Upper bounds, rising; in seconds. */
  readonly bounds: readonly number[];
}

interface Series<Name extends string> {
  readonly labels: { readonly [name in Name]: string };
  /** Of each bucket by itself, the last one above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** Labels are taken as they come: the types say which there are, and it costs more to look than to count. */
export function createHistogram<Name extends string>(registry: Registry, options: HistogramOptions<Name>) {
  const { name, help, labels: names, bounds } = options;
  const all = new Map<string, Series<Name>>();

  function seriesOf(labels: Series<Name>["labels"]): Series<Name> {
    let key = "";
    // No label value holds a newline.
    for (const label of names) key += `${labels[label]}\n`;
    let series = all.get(key);
    if (!series) {
      series = { labels: { ...labels }, counts: Array(bounds.length + 1).fill(0), sum: 0 };
      all.set(key, series);
    }
    return series;
  }

  function bucketOf(seconds: number): number {
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    return bucket;
  }

  function valuesOf({ labels, counts, sum }: Series<Name>): MetricValueWithName<string>[] {
    let upTo = 0;
    const buckets = counts.map((count, bucket) => {
      upTo += count;
      return {
        metricName: `${name}_bucket`,
        labels: { le: bounds[bucket] ?? "+Inf", ...labels },
        value: upTo,
      };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: upTo },
    ];
  }

  const found = (): MetricObjectWithValues<MetricValueWithName<string>> =>
    ({
      ...{ name, help, type: "histogram", aggregator: "sum" },
      values: [...all.values()].flatMap(valuesOf),
    }) as never;
  // Whoever has no labels has a number from the beginning.
  if (names.length === 0) seriesOf({} as Series<Name>["labels"]);
  registry.registerMetric({ name, get: async () => found() } as never);

  return {
    observe(labels: Series<Name>["labels"], seconds: number): void {
      const series = seriesOf(labels);
      const bucket = bucketOf(seconds);
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sum += seconds;
    },
  };
}
