// Percentiles are off by a few per cent at most, whatever is measured.

import { expect, it } from "vitest";
import { createLatencies } from "./latencies.ts";

it("percentiles are near those of the sorted list", () => {
  for (const scale of [0.05, 1, 40, 300]) {
    const latencies = createLatencies();
    // Long tails, as latencies have.
    const all = Array.from({ length: 5_000 }, (_, i) => scale * (1 + (i / 1_000) ** 3));
    for (const ms of all) latencies.add(ms);
    expect(latencies.count).toBe(5_000);
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = all[Math.ceil(share * all.length) - 1] ?? 0;
      expect(Math.abs(latencies.percentileMs(share) / exact - 1), `${scale} ${share}`).toBeLessThan(0.06);
    }
  }
});

it("what is shorter or longer than it can tell apart is still counted", () => {
  const latencies = createLatencies();
  for (const ms of [0, 1e-9, 1e9, Number.POSITIVE_INFINITY]) latencies.add(ms);
  expect(latencies.count).toBe(4);
  expect(latencies.percentileMs(0.25)).toBeLessThan(0.02);
  expect(latencies.percentileMs(1)).toBeGreaterThan(100_000);
});
