// Whether lines keep to the Elastic Common Schema, for tests: known fields only, each with its type and one of its values.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";

interface Field {
  readonly type: string;
  readonly array?: boolean;
  /** Each with the event types that go with it; none: any. */
  readonly values?: { readonly [value: string]: readonly string[] };
}
type Json = { readonly [name: string]: unknown };

const facts: { readonly version: string; readonly fields: { readonly [name: string]: Field } } = JSON.parse(
  readFileSync(new URL("schemas/ecs.json", import.meta.url), "utf8"),
);

/** Of ECS, that the facts were made from. */
export const ecsFactsVersion = facts.version;

/** Longer text is kept, and not found by Elasticsearch (`ignore_above`). */
const longestKeyword = 1024;
/** Fields of one's own stand under one name that ECS will never use. */
const own = "flux";

/** What is wrong with it, such as `event.kind: is no value of this field`; empty: nothing is. */
export function ecsProblems(line: Json): string[] {
  const leaves = leavesOf(line, "").filter(([name]) => !name.startsWith(`${own}.`));
  const problems = leaves.flatMap(([name, value]) =>
    problemsOf(name, value).map((what) => `${name}: ${what}`),
  );
  for (const name of ["@timestamp", "ecs.version"]) {
    if (!leaves.some(([leaf]) => leaf === name)) problems.push(`${name}: is missing`);
  }
  return [...problems, ...typesOf(line)];
}

/** Objects are fields with fields of their own, but for a point on the earth. */
function leavesOf(object: Json, path: string): (readonly [name: string, value: unknown])[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const full = path + name;
    const isLeaf = typeof value !== "object" || value === null || Array.isArray(value);
    return isLeaf || facts.fields[full]?.type === "geo_point"
      ? [[full, value] as const]
      : leavesOf(value as Json, `${full}.`);
  });
}

function problemsOf(name: string, value: unknown): string[] {
  const field = facts.fields[name];
  if (field === undefined) return ["is no field"];
  if (Array.isArray(value) !== (field.array ?? false))
    return [field.array ? "must be a list" : "must be no list"];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const problems = items.filter((item) => !isOf(field.type, item)).map(() => `is no ${field.type}`);
  const unknown = items.filter((item) => field.values && !Object.hasOwn(field.values, String(item)));
  return [...problems, ...unknown.map(() => "is no value of this field")];
}

/** An event's types have to go with one of its categories. */
function typesOf({ event }: Json): string[] {
  const { category, type } = event as { category?: unknown; type?: unknown };
  const expected = [category]
    .flat()
    .flatMap((name) => facts.fields["event.category"]?.values?.[String(name)] ?? []);
  const types = [type].flat().map(String);
  return types
    .filter((one) => !expected.includes(one))
    .map((one) => `event.type: ${one} is of no such category`);
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case "keyword":
      return typeof value === "string" && value.length <= longestKeyword;
    case "wildcard":
    case "match_only_text":
      return typeof value === "string";
    case "long":
      return Number.isSafeInteger(value);
    case "float":
      return typeof value === "number";
    case "ip":
      return typeof value === "string" && isIP(value) !== 0;
    case "date":
      return typeof value === "string" && new Date(value).toISOString() === value;
    case "geo_point": {
      const { lat, lon, ...rest } = value as Json;
      return [lat, lon].every((degrees) => typeof degrees === "number") && Object.keys(rest).length === 0;
    }
    default:
      return false;
  }
}
