import { describe, expect, it } from "vitest";
import { accessTime, createYears, isoTime, utc } from "./log-time.ts";

describe("time in a log", () => {
  it.each([
    ["2026-03-02T10:20:30Z", 0],
    ["2026-03-02T10:20:30.2509Z", 250],
    ["2026-03-02 10:20:30,250", 250],
    ["2026/03/02 10:20:30", 0],
    ["2026-03-02T10:20:30+01:00", -3_600_000],
    ["2026-03-02T10:20:30-0130", 5_400_000],
  ])("%s is read", (text, offset) => {
    expect(isoTime(text)).toBe(Date.UTC(2026, 2, 2, 10, 20, 30) + offset);
  });

  it.each(["2026-02-30T10:20:30Z", "2026-03-02T24:20:30Z", "2026-03-02", "", "2026-03-02T10:20:30 Z"])(
    "%j is none",
    (text) => {
      expect(isoTime(text)).toBeUndefined();
    },
  );

  it("in an access log has an English month in either case", () => {
    expect(accessTime("02/MAR/2026:10:20:30 +0000")).toBe(Date.UTC(2026, 2, 2, 10, 20, 30));
    expect(accessTime("02/Mrz/2026:10:20:30 +0000")).toBeUndefined();
  });
});

describe("years of times that have none", () => {
  const day = (month: number, date: number) => (year: number) => utc(year, month - 1, date, 0, 0, 0);
  const yearsOf = (days: [number, number][], year?: number) => {
    const years = createYears({ year });
    return days.map(([month, date]) =>
      new Date(years.place(day(month, date)) ?? Number.NaN).getUTCFullYear(),
    );
  };

  it("go on from December to January, and a late line stays in December", () => {
    expect(
      yearsOf(
        [
          [12, 30],
          [12, 31],
          [1, 1],
          [12, 31],
          [1, 2],
          [11, 30],
        ],
        2025,
      ),
    ).toEqual([2025, 2025, 2026, 2025, 2026, 2025]);
  });

  it("stay when the order is only a little wrong", () => {
    expect(
      yearsOf(
        [
          [6, 8],
          [6, 7],
          [7, 7],
          [3, 1],
        ],
        2025,
      ),
    ).toEqual([2025, 2025, 2025, 2025]);
  });

  it("go on for as many years as the log has", () => {
    expect(
      yearsOf(
        [
          [3, 1],
          [8, 1],
          [12, 1],
          [3, 1],
          [8, 1],
          [1, 1],
        ],
        2020,
      ),
    ).toEqual([2020, 2020, 2020, 2021, 2021, 2022]);
  });

  it("begin with 2000 when nobody says, which is told once and has a 29 February", () => {
    const assumed: number[] = [];
    const years = createYears({ onYearAssumed: (year) => assumed.push(year) });
    expect(years.place(day(2, 29))).toBe(Date.UTC(2000, 1, 29));
    years.place(day(3, 1));
    expect(assumed).toEqual([2000]);
  });
});
