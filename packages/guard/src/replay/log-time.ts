// Times as logs write them, read without a clock and without the machine's time zone.

import type { ParserOptions } from "./parsed-line.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** 0 to 11 for an English three-letter month; -1 for anything else. */
export const monthOf = (text: string): number => months.indexOf(text.toLowerCase());

const access = /^(\d\d)\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)$/;
const iso =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:(Z)|([+-]\d\d):?(\d\d))?$/;

/** `05/Jan/2026:00:00:01 -0400`; milliseconds since 1970. */
export function accessTime(text: string): number | undefined {
  const found = access.exec(text);
  if (!found) return undefined;
  const [, day, month = "", year, hour, minute, second, zoneHours, zoneMinutes] = found;
  const at = utc(Number(year), monthOf(month), Number(day), Number(hour), Number(minute), Number(second));
  return at === undefined ? undefined : at - zoneMs(zoneHours, zoneMinutes);
}

/** RFC 3339 and its looser relatives (`2026/01/05 00:00:01,123`); a time without a zone is taken as UTC. */
export function isoTime(text: string): number | undefined {
  const found = iso.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, , zoneHours, zoneMinutes] = found;
  const at = utc(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (at === undefined) return undefined;
  return at + (fraction ? Math.trunc(Number(`0.${fraction}`) * 1000) : 0) - zoneMs(zoneHours, zoneMinutes);
}

/** Undefined when a part is out of range. A leap second is the next second; 29 February of any year is let through. */
export function utc(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  if (month < 0 || month > 11 || day < 1 || day > (daysIn[month] as number)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  return Date.UTC(year, month, day, hour, minute, second);
}

const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function zoneMs(hours = "+00", minutes = "00"): number {
  const size = Math.abs(Number(hours)) * 60 + Number(minutes);
  return (hours.startsWith("-") ? -size : size) * 60_000;
}

const halfYearMs = 183 * 24 * 60 * 60_000;

/** Stands for "not known": a leap year, so that 29 February exists, and plainly not the year of a log read today. */
const unknownYear = 2000;

export interface Years {
  /** @param inYear the line's time if it were of the given year */
  place(inYear: (year: number) => number | undefined): number | undefined;
}

/**
 * Gives years to times that have none, as in traditional syslog. The first line is of `year`; every other one is of the
 * year that brings it closest to the latest time so far. So January after December is the next year, and a line that
 * arrives a little late stays where it belongs. Neither today's date nor the file's is looked at: both would make
 * the same log give another output on another day or after a copy.
 */
export function createYears({ year, onYearAssumed }: ParserOptions = {}): Years {
  let latest: number | undefined;
  return {
    place(inYear) {
      if (latest === undefined) {
        latest = inYear(year ?? unknownYear);
        if (year === undefined && latest !== undefined) onYearAssumed?.(unknownYear);
        return latest;
      }
      const around = new Date(latest).getUTCFullYear();
      let at = inYear(around);
      if (at !== undefined && at < latest - halfYearMs) at = inYear(around + 1);
      else if (at !== undefined && at > latest + halfYearMs) at = inYear(around - 1);
      if (at !== undefined && at > latest) latest = at;
      return at;
    },
  };
}
