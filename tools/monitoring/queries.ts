// What a query in PromQL asks for, as far as names go: metrics, labels and the values that they are compared with.

export interface Scrape {
  /** By the name of a series, `_bucket` and the like included: its labels, each with the values that were seen. */
  readonly metrics: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
}

/** Set by Prometheus itself for every target. */
const targetLabels = ["instance", "job"];
/** Of Prometheus, not of a server. */
const ownMetrics = ["up"];
/** Seen only when something is wrong, which a healthy server shows no example of. */
const rareValues: { readonly [label: string]: readonly string[] } = { status: ["5xx"] };
/** Which values there are depends on what happened; `severity` and `reason` are words of the code. */
const openLabels = ["severity", "route", "reason"];

/** @param text as Prometheus reads it (text format 0.0.4) */
export function parseScrape(text: string): Scrape {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const [, kind, name = "", type] of text.matchAll(/^# (TYPE) (\w+) (\w+)$/gm)) {
    if (kind && type !== "histogram") metrics.set(name, new Map());
  }
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    metrics.set(name, known);
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return { metrics };
}

/**
 * Of a query that joins others by `or`, the labels that the results of each have: where they differ, one cause is two alerts.
 * A side that is not summed up by labels keeps all of its own, which is `all`.
 */
export function labelsOfSides(query: string): string[] {
  return query.split(/\s+or\s+/).map((side) => {
    const [, names] = /\bby \(([^)]*)\)/.exec(side) ?? [];
    // A quantile takes `le` away.
    const left = names?.split(/,\s*/).filter((name) => name !== "le" || !side.includes("histogram_quantile"));
    return left?.sort().join(", ") ?? "all";
  });
}

/** Every `expr` in a dashboard or a file of alerts, wherever it stands. */
export function queriesIn(document: unknown): string[] {
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([name, value]) =>
    name === "expr" && typeof value === "string" ? [value] : queriesIn(value),
  );
}

/** In words, none when all is well. */
export function problemsOf(query: string, { metrics }: Scrape): string[] {
  const problems: string[] = [];
  const asked = [...query.matchAll(/\b((?:flux|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g)];
  if (asked.length === 0) return [`${query}: asks for no metric`];
  const labels = new Set(targetLabels);
  for (const [, name = "", selector = ""] of asked) {
    const known = metrics.get(name);
    if (!known) {
      if (!ownMetrics.includes(name)) problems.push(`${name}: no such metric`);
      continue;
    }
    for (const label of known.keys()) labels.add(label);
    for (const [, label = "", operator = "", value = ""] of selector.matchAll(/(\w+)(=~|=)"([^"]*)"/g)) {
      if (targetLabels.includes(label)) continue;
      const values = known.get(label);
      if (!values) problems.push(`${name}: no label ${label}`);
      else if (
        !openLabels.includes(label) &&
        !matches([...values, ...(rareValues[label] ?? [])], operator, value)
      )
        problems.push(`${name}: no ${label} is "${value}"`);
    }
  }
  const groups = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = ""]) => names.split(/,\s*/));
  if (problems.length > 0) return problems;
  return [...new Set(groups)]
    .filter((label) => !labels.has(label))
    .map((label) => `${query}: no metric in it has the label ${label}`);
}

const matches = (values: readonly string[], operator: string, wanted: string): boolean =>
  values.some((value) => (operator === "=" ? value === wanted : new RegExp(`^(?:${wanted})$`).test(value)));
