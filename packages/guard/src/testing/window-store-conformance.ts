// What every window store must do, whoever wrote it. Run it with any test runner that has `it(title, run)`.
// One file above 300 lines on purpose: a store is right when all of it passes, and its author reads it from top to bottom.

import assert from "node:assert/strict";
import type { WindowOperation, WindowResult, WindowStore } from "../stores/window-store.ts";
import { scoreConformance } from "./score-conformance.ts";

export interface ConformanceOptions {
  /** A fresh, empty store for each test. */
  readonly create: () => WindowStore | Promise<WindowStore>;
  readonly it: (title: string, run: () => Promise<void>) => void;
  /** When the store evicts: how many scope/values it holds at most, and how many it holds now. */
  readonly capacity?: { readonly max: number; readonly size: (store: WindowStore) => number };
}

type Count = Extract<WindowOperation, { kind: "count" }>;

const start = 1_700_000_000_000;
const windowMs = 300_000;

export function windowStoreConformance({ create, it, capacity }: ConformanceOptions): void {
  const test = (title: string, run: (store: WindowStore) => Promise<void>) =>
    it(title, async () => {
      const store = await create();
      try {
        await run(store);
      } finally {
        await store.close?.();
      }
    });

  test("a signal counts from its own time t", async (store) => {
    assert.equal((await one(store, count("a", start))).count, 1);
  });

  test("at t + window - 1 the signal still counts, at t + window no more", async (store) => {
    await one(store, count("a", start));
    assert.equal((await one(store, count("b", start + windowMs - 1))).count, 2);
    const late = await one(store, count("c", start + windowMs));
    assert.deepEqual([late.count, late.oldestAt], [2, start + windowMs - 1]);
  });

  test("signals that stay further apart than the window never add up", async (store) => {
    for (let i = 0; i < 20; i++)
      assert.equal((await one(store, count(`s${i}`, start + i * windowMs))).count, 1);
  });

  test("a hit does not lengthen the life of earlier ones", async (store) => {
    const gap = windowMs / 4 + 1;
    const counts: number[] = [];
    for (let i = 0; i < 12; i++) counts.push((await one(store, count(`s${i}`, start + i * gap))).count);
    assert.equal(Math.max(...counts), 4);
  });

  test("signals out of order count like signals in order", async (store) => {
    for (const offset of [50, 10, 40, 20, 30]) await one(store, count(`s${offset}`, start + offset));
    const state = await peek(store, start + 50);
    assert.deepEqual([state?.count, state?.oldestAt, state?.emptyAt], [5, start + 10, start + 50 + windowMs]);
  });

  test("a signal older than the window is not counted and turns no clock back", async (store) => {
    await one(store, count("new", start + windowMs));
    const late = await one(store, count("old", start));
    assert.deepEqual([late.count, late.admitted], [1, false]);
  });

  test("the same signal twice is counted once", async (store) => {
    await one(store, count("a", start));
    await one(store, count("b", start));
    const again = await one(store, count("a", start));
    assert.deepEqual([again.count, again.admitted], [2, true]);
  });

  test("counts are exact up to the limit and stay there, the newest kept", async (store) => {
    for (let i = 0; i < 10; i++) await one(store, count(`s${i}`, start + i));
    const last = await one(store, count("last", start + 10));
    assert.deepEqual([last.count, last.oldestAt], [6, start + 5]);
  });

  test("a backoff lets one entry in after each wait, and the wait doubles up to its longest", async (store) => {
    const waits: number[] = [];
    let at = start;
    for (let i = 0; i < 3; i++) assert.equal((await one(store, patient(`s${i}`, at))).admitted, true);
    for (let i = 3; i < 8; i++) {
      const { admitted, freeAt = 0 } = await one(store, patient(`early${i}`, at));
      assert.equal(admitted, false);
      waits.push(freeAt - at);
      assert.equal((await one(store, patient(`early${i}`, freeAt - 1))).admitted, false);
      at = freeAt;
      assert.equal((await one(store, patient(`s${i}`, at))).admitted, true);
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  test("a backoff begins only when its threshold lay within its window", async (store) => {
    for (let i = 0; i < 6; i++) {
      const { admitted, freeAt } = await one(store, patient(`s${i}`, start + i * 15_000));
      assert.deepEqual([admitted, freeAt], [true, undefined]);
    }
  });

  test("of 100 reservations side by side a backoff admits its threshold, and one after the wait", async (store) => {
    for (const [at, expected] of [
      [start, 3],
      [start + 1_000, 1],
    ] as const) {
      const tries = Array.from({ length: 100 }, (_, i) => one(store, patient(`${at}.${i}`, at)));
      assert.equal((await Promise.all(tries)).filter(({ admitted }) => admitted).length, expected);
    }
  });

  test("a place that is given back gives its wait back", async (store) => {
    for (let i = 0; i < 3; i++) await one(store, patient(`s${i}`, start));
    await one(store, { ...target(start), kind: "release", window: "patient", id: "s2" });
    assert.equal((await one(store, patient("s3", start))).admitted, true);
  });

  test("a counted entry answers with the wait that it brings about", async (store) => {
    const answers: unknown[] = [];
    for (let i = 0; i < 4; i++)
      answers.push((await one(store, { ...count(`s${i}`, start), limit: 50, backoff })).freeAt);
    assert.deepEqual(answers, [undefined, undefined, start + 1_000, start + 2_000]);
  });

  test("a row counts on when the window's entries are long gone, and crosses its threshold once", async (store) => {
    const rows: unknown[] = [];
    for (let i = 0; i < 5; i++)
      rows.push((await one(store, inRow(count(`s${i}`, start + i * windowMs)))).row);
    assert.deepEqual(rows, [
      { count: 1, crossed: false },
      { count: 2, crossed: false },
      { count: 3, crossed: false },
      { count: 4, crossed: true },
      { count: 5, crossed: false },
    ]);
  });

  test("a row is kept for the share of its time that it has of its threshold, and for no longer than all of it", async (store) => {
    let at = start;
    for (const [pause, length] of [
      [0, 1],
      [keepMs / 4 - 1, 2],
      [keepMs / 2 - 1, 3],
      [(keepMs / 4) * 3 - 1, 4],
      [keepMs - 1, 5],
      [keepMs - 1, 6],
      [keepMs, 1],
      [keepMs / 4, 1],
    ] as const) {
      at += pause;
      assert.equal((await one(store, inRow(count(`${at}`, at)))).row?.count, length);
    }
  });

  test("of 1,000 parallel reservations a row admits its threshold, and none later", async (store) => {
    for (const [at, expected] of [
      [start, 4],
      [start + 2 * windowMs, 0],
    ] as const) {
      const tries = Array.from({ length: 1000 }, (_, i) =>
        one(store, inRow({ ...reserve(`${at} ${i}`, at), limit: 50 })),
      );
      assert.equal((await Promise.all(tries)).filter(({ admitted }) => admitted).length, expected);
    }
  });

  test("a row that is ended begins anew, and its window counts on", async (store) => {
    for (let i = 0; i < 3; i++) await one(store, inRow(count(`s${i}`, start)));
    await one(store, { ...target(start), kind: "end-row", window: "w" });
    const next = await one(store, inRow(count("next", start + 1)));
    assert.deepEqual([next.count, next.row?.count], [4, 1]);
  });

  test("a place given back is given back to its row, unless that has been ended since", async (store) => {
    for (const id of ["a", "b"]) await one(store, inRow(reserve(id, start)));
    await one(store, { ...target(start), kind: "release", id: "b" });
    assert.equal((await one(store, inRow(reserve("c", start + 1)))).row?.count, 2);
    await one(store, { ...target(start), kind: "end-row" });
    await one(store, inRow(reserve("d", start + 2)));
    await one(store, { ...target(start), kind: "release", id: "a" });
    assert.equal((await one(store, inRow(reserve("e", start + 2)))).row?.count, 2);
  });

  test("attempts that are given back leave nothing behind", async (store) => {
    if (!capacity) return;
    const before = capacity.size(store);
    await one(store, inRow(reserve("a", start)));
    await one(store, { ...target(start), kind: "release", id: "a" });
    assert.equal(capacity.size(store), before);
  });

  test("signals without an id are facts of their own, also at the same time", async (store) => {
    for (let i = 0; i < 3; i++) await one(store, { ...count("", start), id: undefined });
    assert.equal((await one(store, { ...count("", start), id: undefined })).count, 4);
  });

  test("the threshold is crossed once in a window, however many signals follow", async (store) => {
    const crossed: number[] = [];
    for (let i = 0; i < 40; i++) {
      if ((await one(store, count(`s${i}`, start + i * 1000))).crossed) crossed.push(i);
    }
    assert.deepEqual(crossed, [4]);
  });

  test("it is crossed again a window later, when signals go on", async (store) => {
    const crossed: number[] = [];
    for (let i = 0; i < 40; i++) {
      if ((await one(store, count(`s${i}`, start + i * 10_000))).crossed) crossed.push(i);
    }
    assert.deepEqual(crossed, [4, 34]);
  });

  test("1,000 parallel counts cross the threshold exactly once", async (store) => {
    const results = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => one(store, count(`s${i}`, start))),
    );
    assert.equal(results.filter((result) => result.crossed).length, 1);
    assert.equal((await peek(store, start))?.count, 6);
  });

  test("of 1,000 parallel reservations exactly the limit is admitted", async (store) => {
    const results = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => one(store, reserve(`s${i}`, start))),
    );
    assert.equal(results.filter((result) => result.admitted).length, 5);
  });

  test("a refused reservation takes no place, so refusals do not lengthen the wait", async (store) => {
    for (let i = 0; i < 5; i++) await one(store, reserve(`s${i}`, start));
    for (let i = 0; i < 50; i++)
      assert.equal((await one(store, reserve(`r${i}`, start + 1000))).admitted, false);
    assert.equal((await one(store, reserve("next", start + windowMs))).admitted, true);
  });

  test("a released place is free again, and only that one", async (store) => {
    for (let i = 0; i < 5; i++) await one(store, reserve(`s${i}`, start));
    await store.observe([{ kind: "release", scope: "ip", value: "203.0.113.7", window: "w", id: "s2" }]);
    assert.equal((await one(store, reserve("x", start + 1))).admitted, true);
    assert.equal((await one(store, reserve("y", start + 1))).admitted, false);
  });

  test("clearing a tag takes out its entries only", async (store) => {
    await one(store, { ...count("a", start), tag: "alice" });
    await one(store, { ...count("b", start), tag: "bob" });
    await store.observe([{ kind: "clear", scope: "ip", value: "203.0.113.7", window: "w", tag: "alice" }]);
    assert.equal((await peek(store, start))?.count, 1);
  });

  test("with a tag only its entries are shown, in a shorter length and in the window", async (store) => {
    for (const [id, at, tag] of [
      ["a", start, "alice"],
      ["b", start + 1, "bob"],
      ["c", start + burstMs, "alice"],
    ] as const) {
      await one(store, { ...withBurst(count(id, at)), tag });
    }
    const lengths = [{ window: "w", windowMs: burstMs }];
    const { windows } = await one(store, { ...target(start + burstMs), kind: "peek", tag: "alice", lengths });
    assert.deepEqual(
      windows?.map((state) => [state.windowMs, state.count]),
      [
        [burstMs, 1],
        [windowMs, 2],
      ],
    );
  });

  test("clearing a scope/value leaves nothing, and its threshold can be crossed again", async (store) => {
    for (let i = 0; i < 5; i++) await one(store, count(`s${i}`, start));
    await one(store, { ...count("tagged", start), tag: "alice" });
    await one(store, { kind: "clear", scope: "ip", value: "203.0.113.7" });
    assert.equal(await peek(store, start), undefined);
    const again = [];
    for (let i = 0; i < 5; i++) again.push((await one(store, count(`t${i}`, start + 1))).crossed);
    assert.deepEqual(again, [false, false, false, false, true]);
  });

  test("a burst counts in its shorter window, to its last millisecond", async (store) => {
    await one(store, withBurst(count("a", start)));
    const within = await one(store, withBurst(count("b", start + burstMs - 1)));
    assert.deepEqual([within.count, within.burst?.count], [2, 2]);
    const after = await one(store, withBurst(count("c", start + burstMs)));
    assert.deepEqual([after.count, after.burst?.count], [3, 2]);
  });

  test("peeking at shorter lengths of a window tells what lies within each, in the order asked for, and nothing of an empty one", async (store) => {
    for (let i = 0; i < 3; i++) await one(store, count(`s${i}`, start + i * burstMs));
    const lengths = [
      { window: "w", windowMs: burstMs },
      { window: "w", windowMs: burstMs * 2 },
      { window: "another", windowMs: burstMs },
      { window: "w", windowMs: windowMs * 2 },
    ];
    const lookAt = async (at: number) => {
      const { windows } = await one(store, { kind: "peek", scope: "ip", value: "203.0.113.7", at, lengths });
      return windows?.map((state) => [state.windowMs, state.count, state.oldestAt, state.emptyAt]);
    };
    const last = start + 2 * burstMs;
    assert.deepEqual(await lookAt(last), [
      [burstMs, 1, last, last + burstMs],
      [burstMs * 2, 2, start + burstMs, last + burstMs * 2],
      [windowMs, 3, start, last + windowMs],
    ]);
    assert.deepEqual(await lookAt(last + burstMs), [
      [burstMs * 2, 1, last, last + burstMs * 2],
      [windowMs, 3, start, last + windowMs],
    ]);
  });

  test("a burst and its window cross their thresholds once each", async (store) => {
    const crossed: string[] = [];
    for (let i = 0; i < 6; i++) {
      const result = await one(store, withBurst(count(`s${i}`, start + i)));
      if (result.burst?.crossed) crossed.push(`burst ${i}`);
      if (result.crossed) crossed.push(`window ${i}`);
    }
    assert.deepEqual(crossed, ["burst 2", "window 4"]);
  });

  test("the window crosses its threshold though no burst did", async (store) => {
    const results = [];
    for (let i = 0; i < 5; i++)
      results.push(await one(store, withBurst(count(`s${i}`, start + i * burstMs))));
    assert.deepEqual(
      results.map((result) => [result.crossed, result.burst?.crossed]),
      [...Array(4).fill([false, false]), [true, false]],
    );
  });

  test("of 1,000 parallel reservations with a burst only its places are given, the others when it is over", async (store) => {
    const admitted = [];
    for (const at of [start, start + burstMs - 1, start + burstMs, start + 2 * burstMs]) {
      const tries = Array.from({ length: 1000 }, (_, i) => one(store, withBurst(reserve(`${at} ${i}`, at))));
      admitted.push((await Promise.all(tries)).filter((result) => result.admitted).length);
    }
    assert.deepEqual(admitted, [3, 0, 2, 0]);
  });

  test("a late signal counts in the burst only when it belongs there", async (store) => {
    await one(store, withBurst(count("new", start + burstMs)));
    const late = await one(store, withBurst(count("old", start)));
    assert.deepEqual([late.count, late.burst?.count], [2, 1]);
  });

  test("distinct members count once each", async (store) => {
    for (const member of ["a", "b", "a", "b", "a"]) await one(store, distinct(member, start));
    const third = await one(store, distinct("c", start + 1));
    assert.deepEqual([third.count, third.admitted, third.crossed], [3, true, true]);
  });

  test("a member that counts since its first time is new again after the window, a busy one otherwise not", async (store) => {
    for (const since of ["first", "latest"] as const) {
      await one(store, { ...distinct("a", start, since), window: since });
      await one(store, { ...distinct("a", start + windowMs - 1, since), window: since });
      const later = await one(store, { ...distinct("a", start + windowMs, since), window: since });
      assert.equal(later.admitted, since === "first");
    }
  });

  test("recent entries come back newest first, without the one just added", async (store) => {
    for (let i = 0; i < 8; i++) await one(store, recent(`e${i}`, start + i));
    const { entries } = await one(store, recent("now", start + 8));
    assert.deepEqual(
      entries?.map((entry) => entry.entry),
      ["e7", "e6", "e5"],
    );
  });

  test("scopes and values do not mix, hostile ones neither", async (store) => {
    const values = ["a", "a ", "a:", "a{b}", "*", "a\nb", "a\0b", "", "__proto__", "x".repeat(10_000)];
    for (const value of values) await one(store, { ...count("s", start), value });
    for (const value of values) {
      for (const scope of ["ip", "account"] as const) {
        const [result] = await store.observe([{ kind: "peek", scope, value, at: start }]);
        assert.equal(
          result?.windows?.[0]?.count ?? 0,
          scope === "ip" ? 1 : 0,
          JSON.stringify(value.slice(0, 10)),
        );
      }
    }
  });

  test("operations of one call are answered in their order", async (store) => {
    const results = await store.observe([
      count("a", start),
      { ...count("a", start), window: "v" },
      count("b", start),
    ]);
    assert.deepEqual(
      results.map((result) => result.count),
      [1, 1, 2],
    );
  });

  scoreConformance(test);

  if (!capacity) return;
  test("1,000,000 distinct addresses stay within the cap", async (store) => {
    for (let i = 0; i < 1_000_000; i++) {
      await store.observe([
        { ...count("s", start + i), value: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` },
      ]);
    }
    assert.ok(capacity.size(store) <= capacity.max, `${capacity.size(store)} scope/values are held`);
  });

  test("a flood of addresses does not push out what is counted about an account", async (store) => {
    await one(store, { ...count("a", start), scope: "account", value: "alice" });
    for (let i = 0; i < capacity.max * 2; i++)
      await store.observe([{ ...count("s", start), value: `ip${i}` }]);
    const [result] = await store.observe([{ kind: "peek", scope: "account", value: "alice", at: start }]);
    assert.equal(result?.windows?.[0]?.count, 1);
  });
}

async function one(store: WindowStore, operation: WindowOperation): Promise<WindowResult> {
  const [result] = await store.observe([operation]);
  assert.ok(result, "one result for one operation");
  return result;
}

async function peek(store: WindowStore, at: number) {
  return (await one(store, { kind: "peek", scope: "ip", value: "203.0.113.7", at })).windows?.[0];
}

const target = (at: number) => ({ scope: "ip" as const, value: "203.0.113.7", window: "w", at, windowMs });
const count = (id: string, at: number): Count => ({
  ...target(at),
  kind: "count",
  limit: 6,
  threshold: 5,
  id,
});
const reserve = (id: string, at: number): WindowOperation => ({
  ...target(at),
  kind: "reserve",
  limit: 5,
  id,
});
const burstMs = windowMs / 10;
const withBurst = <Operation extends WindowOperation>(operation: Operation) => ({
  ...operation,
  burst: { windowMs: burstMs, threshold: 3 },
});
const keepMs = 10 * windowMs;
const inRow = <Operation extends WindowOperation>(operation: Operation) => ({
  ...operation,
  row: { threshold: 4, keepMs },
});
const distinct = (member: string, at: number, since: "first" | "latest" = "latest") =>
  ({ ...target(at), kind: "distinct", limit: 4, threshold: 3, member, since }) satisfies WindowOperation;
const recent = (entry: string, at: number): WindowOperation => ({
  ...target(at),
  kind: "recent",
  limit: 3,
  entry,
});
const backoff = { threshold: 3, windowMs: 30_000, waitMs: 1_000, longestWaitMs: 5_000 };
const patient = (id: string, at: number): WindowOperation => ({
  ...target(at),
  kind: "reserve",
  window: "patient",
  limit: 50,
  backoff,
  id,
});
