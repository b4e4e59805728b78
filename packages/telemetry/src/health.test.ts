// Health is "ok" only when every check answered in time.

import { describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";

describe("health", () => {
  it("is ok when every check answers", async () => {
    const health = createHealth({ checks: { database: async () => 1, store: () => undefined } });
    expect(await health.check()).toEqual({
      status: "ok",
      checks: { database: { ok: true }, store: { ok: true } },
    });
  });

  it("is failing when one check throws, and does not tell strangers why", async () => {
    const failures: unknown[] = [];
    const health = createHealth({
      checks: {
        database: () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.5:5432")),
        store: () => {
          throw new Error("inner");
        },
        fine: () => true,
      },
      onFailure: (name, error) => failures.push([name, (error as Error).message]),
    });
    const report = await health.check();
    expect(report.status).toBe("failing");
    expect(report.checks.fine).toEqual({ ok: true });
    expect(report.checks.database).toEqual({ ok: false, message: "failed; see the log" });
    expect(failures).toContainEqual(["database", "connect ECONNREFUSED 10.0.0.5:5432"]);
  });

  it("does not wait for a check that never answers", async () => {
    const health = createHealth({ checks: { database: () => new Promise(() => {}) }, timeoutMs: 5 });
    expect(await health.check()).toEqual({
      status: "failing",
      checks: { database: { ok: false, message: "no answer within 5 ms" } },
    });
  });

  it("is degraded, and says why and since when, while something is missing that it can do without", async () => {
    const missing: { reason: string; since: number }[] = [
      { reason: "STORE_TIMEOUT", since: Date.UTC(2026, 0, 5) },
    ];
    const health = createHealth({
      checks: { database: () => true },
      degraded: { windows: () => missing[0], place: () => undefined },
    });
    expect(await health.check()).toEqual({
      status: "degraded",
      checks: { database: { ok: true } },
      degraded: { windows: { reason: "STORE_TIMEOUT", since: "2026-01-05T00:00:00.000Z" } },
    });
    missing.pop();
    expect((await health.check()).status).toBe("ok");
  });

  it("runs its checks once for callers at the same time", async () => {
    let runs = 0;
    const health = createHealth({ checks: { database: async () => void runs++ } });
    await Promise.all([health.check(), health.check(), health.check()]);
    expect(runs).toBe(1);
    await health.check();
    expect(runs).toBe(2);
  });
});
