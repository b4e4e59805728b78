// How long something lasts, as an operator types it: 30m, 12h, 7d.

import { usageError } from "./cli-error.ts";

/** The longest that the server takes. */
const longestDays = 366;

/** @returns milliseconds @throws CliError `USAGE` */
export function durationOf(text: string): number {
  const [, amount, unit = ""] = /^(\d{1,4})([smhd])$/.exec(text) ?? [];
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (unitMs === undefined)
    throw usageError(`--for takes a number and s, m, h or d, for example 12h; not "${text}".`);
  const durationMs = Number(amount) * unitMs;
  if (durationMs < 1000 || durationMs > longestDays * 86_400_000)
    throw usageError(`--for takes 1s to ${longestDays}d; not "${text}". Without it, somebody removes it.`);
  return durationMs;
}
