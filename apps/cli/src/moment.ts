// A moment as an operator types it: how long ago, or a date.

import { usageError } from "./cli-error.ts";

const unitsMs: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** ISO 8601; UTC where no zone is written. */
const date = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * @param name the option
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970
 * @throws CliError `USAGE`
 */
export function momentOf(name: string, text: string, now: number): number {
  const [, amount, unit = ""] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Math.max(0, now - Number(amount) * (unitsMs[unit] ?? 0));
  const [isDate, zone] = date.exec(text) ?? [];
  const at = isDate === undefined ? Number.NaN : Date.parse(zone || !text.includes("T") ? text : `${text}Z`);
  if (at >= 0) return at;
  throw usageError(`${name} takes 30m, 24h, 7d or a time such as 2026-11-28T09:00Z; not "${text}".`);
}
