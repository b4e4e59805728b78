// The numbers of a service, as Prometheus reads them: each metric has fixed labels, whose values nobody outside chooses.

import { Counter, Gauge, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { inTime } from "../in-time.ts";
import { createHistogram } from "./histogram.ts";

export type Labels<Name extends string> = { readonly [name in Name]: string };

/** One number, or one for each set of labels; undefined while there is none. */
export type Reading<Name extends string> =
  | number
  | readonly { readonly labels: Labels<Name>; readonly value: number }[]
  | undefined;

export type Read<Name extends string> = () => Reading<Name> | Promise<Reading<Name>>;

export interface About<Name extends string> {
  /** `flux_` and the unit: `_seconds`, `_bytes`, `_total` (https://prometheus.io/docs/practices/naming/). */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Name[];
}

export interface Metrics {
  /** Counts what happens. */
  counter<Name extends string>(about: About<Name>): { add(labels: Labels<Name>, count?: number): void };
  /** Counts how long things take, in seconds. */
  histogram<Name extends string>(
    about: About<Name> & { readonly bounds: readonly number[] },
  ): { observe(labels: Labels<Name>, seconds: number): void };
  /** Asked each time that somebody reads; one that fails, or takes long, is missing then. */
  gauge<Name extends string = never>(about: About<Name>, read: Read<Name>): void;
  /** The same for what only grows. */
  total<Name extends string = never>(about: About<Name>, read: Read<Name>): void;
  /** How much waits somewhere: `flux_queue_length{queue="…"}`. */
  queue(name: string, length: () => number | Promise<number>): void;
  /** In Prometheus' text format; callers at the same time share one reading. */
  text(): Promise<string>;
  readonly contentType: string;
  /** The same numbers, for those who send them elsewhere. */
  values(): Promise<readonly MetricObjectWithValues<MetricValue<string>>[]>;
}

/** Readers give up after ten seconds by themselves, and then have no number at all. */
const longestReadMs = 2_000;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const queues = new Map<string, () => number | Promise<number>>();
  let reading: Promise<string> | undefined;
  const of = <Name extends string>({ name, help, labels = [] }: About<Name>) => ({
    ...{ name, help, labelNames: labels },
    registers: [registry],
  });

  const metrics: Metrics = {
    counter(about) {
      const counter = new Counter(of(about));
      return { add: (labels, count = 1) => counter.inc(labels, count) };
    },
    histogram(about) {
      return createHistogram(registry, { labels: [], ...about });
    },
    gauge(about, read) {
      new Gauge({
        ...of(about),
        async collect() {
          const found = await readSafely(read);
          this.reset();
          // Without labels, to reset is to set to 0, which would be a claim.
          if (found.length === 0 && !about.labels) this.remove();
          for (const { labels, value } of found) this.set(labels, value);
        },
      });
    },
    total(about, read) {
      new Counter({
        ...of(about),
        async collect() {
          const found = await readSafely(read);
          this.reset();
          if (found.length === 0 && !about.labels) this.remove();
          for (const { labels, value } of found) this.inc(labels, value);
        },
      });
    },
    queue(name, length) {
      queues.set(name, length);
    },
    text() {
      reading ??= registry.metrics().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    contentType: registry.contentType,
    values: () => registry.getMetricsAsJSON(),
  };
  metrics.gauge({ name: "flux_queue_length", help: "What waits, by queue.", labels: ["queue"] }, async () => {
    const found = [...queues].map(async ([queue, length]) =>
      (await readSafely(length)).map(({ value }) => ({ labels: { queue }, value })),
    );
    return (await Promise.all(found)).flat();
  });
  return metrics;
}

/** What cannot be read is missing, which is something to be alerted about; everything else is still there. */
async function readSafely<Name extends string>(read: Read<Name>) {
  try {
    const found = await inTime(Promise.resolve().then(read), longestReadMs);
    if (found === undefined) return [];
    return typeof found === "number" ? [{ labels: {} as Labels<Name>, value: found }] : found;
  } catch {
    return [];
  }
}
