// The memory store against the conformance suite, and its own bounds.

import { describe, expect, it } from "vitest";
import { windowStoreConformance } from "../testing/window-store-conformance.ts";
import { createMemoryWindowStore, type MemoryWindowStore } from "./memory-window-store.ts";

describe("memory window store", () => {
  windowStoreConformance({
    it: (title, run) => it(title, run),
    create: () => createMemoryWindowStore({ maxValues: 10_000 }),
    capacity: { max: 10_000, size: (store) => (store as MemoryWindowStore).size() },
  });

  it("keeps the scope/values that were touched last", () => {
    const store = createMemoryWindowStore({ maxValues: 3 });
    const touch = (value: string, at: number) =>
      void store.observe([
        {
          kind: "count",
          scope: "ip",
          value,
          window: "w",
          at,
          windowMs: 1e9,
          limit: 9,
          threshold: 9,
          id: `${at}`,
        },
      ]);
    for (const [i, value] of ["a", "b", "c", "a", "d"].entries()) touch(value, i * 2000);
    const [kept, gone] = ["a", "b"].map((value) =>
      store.observe([{ kind: "peek", scope: "ip", value, at: 9000 }]),
    );
    expect(kept).toMatchObject([{ windows: [{ count: 2 }] }]);
    expect(gone).toMatchObject([{ windows: [] }]);
  });

  it("forgets expired scope/values while new ones come", () => {
    const store = createMemoryWindowStore();
    for (let i = 0; i < 50_000; i++) {
      const at = i * 10;
      void store.observe([
        {
          kind: "count",
          scope: "ip",
          value: `${i}`,
          window: "w",
          at,
          windowMs: 1000,
          limit: 9,
          threshold: 9,
          id: "s",
        },
      ]);
    }
    expect(store.size()).toBeLessThan(2 * 1024 + 200);
  });

  it("rejects a cap that would hold nothing", () => {
    expect(() => createMemoryWindowStore({ maxValues: 0 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS" }),
    );
  });
});
