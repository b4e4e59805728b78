// What every window store must do with scores, and with the shares of tags: part of the suite in window-store-conformance.ts.

import assert from "node:assert/strict";
import type { WindowOperation, WindowResult, WindowStore } from "../stores/window-store.ts";

type Test = (title: string, run: (store: WindowStore) => Promise<void>) => void;

const start = 1_700_000_000_000;
const dayMs = 24 * 60 * 60_000;
const halfLifeMs = 7 * dayMs;
const holdMs = dayMs;
const windowMs = 300_000;
const burstMs = 30_000;
const target = { scope: "ip", value: "203.0.113.7" } as const;

export function scoreConformance(test: Test): void {
  test("a reservation finds no place for its tag above the tag's share, in the window and in the burst", async (store) => {
    const perTag = { limit: 3, burstThreshold: 2 };
    const shared = (id: string, at: number, tag?: string) =>
      one(store, { ...reserve(id, at), burst: { windowMs: burstMs, threshold: 8 }, perTag, tag });
    const admitted = async (at: number, ...tags: (string | undefined)[]) => {
      const results: boolean[] = [];
      for (const tag of tags) results.push((await shared(`${at} ${results.length}`, at, tag)).admitted);
      return results;
    };
    const [alice, bob] = ["alice", "somebody with a long name"];
    assert.deepEqual(await admitted(start, alice, alice, alice, bob, undefined, undefined, undefined), [
      ...[true, true, false],
      ...[true, true, true, false],
    ]);
    assert.deepEqual(await admitted(start + burstMs, alice, alice, bob), [true, false, true]);
  });

  test("of 1,000 parallel reservations with a share the share's places are given", async (store) => {
    const perTag = { limit: 4, burstThreshold: 2 };
    const results = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        one(store, {
          ...reserve(`s${i}`, start),
          burst: { windowMs: burstMs, threshold: 8 },
          perTag,
          tag: "alice",
        }),
      ),
    );
    assert.equal(results.filter((result) => result.admitted).length, 2);
  });

  test("a count crosses the thresholds of its tag's share, whatever others do, and no reservation crosses any", async (store) => {
    const perTag = { limit: 4, burstThreshold: 2 };
    const add = async (kind: "count" | "reserve", at: number, tag: string | undefined, id: string) => {
      const places = { ...timed(at), windowMs, limit: 30, burst: { windowMs: burstMs, threshold: 20 } };
      const { share } = await one(store, { kind, ...places, threshold: 25, id, perTag, tag });
      return [share?.count, share?.inBurst, share?.crossed];
    };
    const long = "somebody with a long name";
    const counted: unknown[] = [];
    for (const [after, tag, id] of [
      [0, long, "a"],
      [0, undefined, "b"],
      [0, "bob", "c"],
      [1, long, "d"],
      [1, long, "d"],
      [1, undefined, "e"],
      [burstMs, long, "f"],
      [burstMs + 1, long, "g"],
      [burstMs + 2, long, "h"],
      [2 * burstMs, "bob", "i"],
    ] as const)
      counted.push(await add("count", start + after, tag, id));
    const [alone, again, full] = [
      [1, 1, false],
      [2, 2, false],
      [2, 2, true],
    ];
    assert.deepEqual(counted, [
      ...[alone, alone, alone, full, again, full],
      ...[
        [3, 2, true],
        [4, 2, true],
        [5, 3, false],
        [2, 1, false],
      ],
    ]);
    const reserved: unknown[] = [];
    for (const id of ["j", "k", "l"]) reserved.push(await add("reserve", start + 2 * burstMs, "carol", id));
    assert.deepEqual(reserved, [
      [1, 1, false],
      [2, 2, false],
      [2, 2, false],
    ]);
    const [without] = await store.observe([{ ...count("m", start), tag: long }]);
    assert.equal(without?.share, undefined);
  });

  test("of 1,000 parallel counts one crosses the share of their tag", async (store) => {
    const perTag = { limit: 4, burstThreshold: 2 };
    const results = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        one(store, {
          ...count(`s${i}`, start),
          burst: { windowMs: burstMs, threshold: 5 },
          perTag,
          tag: "alice",
        }),
      ),
    );
    assert.equal(results.filter(({ share }) => share?.crossed).length, 1);
  });

  test("a score starts at 50, is moved by each call, and never leaves 0 to 100", async (store) => {
    assert.equal((await one(store, move(-5, start))).score, 45);
    assert.equal((await one(store, move(-10.5, start))).score, 34.5);
    assert.equal((await one(store, move(-80, start))).score, 0);
    const up = await one(store, { ...move(200, start, "alice"), holdMs: 0 });
    assert.deepEqual([up.admitted, up.score], [true, 100]);
  });

  test("of 1,000 parallel moves none is lost", async (store) => {
    await Promise.all(Array.from({ length: 1000 }, () => one(store, move(-0.04, start))));
    assert.equal((await one(store, move(-1, start))).score, 9);
  });

  test("a score is half-way back to 50 after its half-life, and forgotten when it is nearly there", async (store) => {
    await one(store, move(-40, start));
    const at = async (after: number) => (await scored(store, start + after))?.score;
    assert.deepEqual([await at(0), await at(halfLifeMs), await at(2 * halfLifeMs)], [10, 30, 40]);
    // 40 points are half a point after this many half-lives.
    const endMs = Math.ceil(halfLifeMs * Math.log2(80));
    assert.deepEqual([await at(endMs - 1), await at(endMs)], [49.5, undefined]);
    assert.equal((await one(store, move(-1, start + endMs))).score, 49);
  });

  test("each further move down of one tag is half of the one before, other tags and none count in full", async (store) => {
    const moved: (number | undefined)[] = [];
    for (const tag of ["alice", "alice", "alice", "bob", undefined, undefined])
      moved.push((await one(store, move(-4, start, tag))).score);
    assert.deepEqual(moved, [46, 44, 43, 39, 35, 31]);
  });

  test("a tag moves the score up once a day, by a share of what is left, and only so many tags do", async (store) => {
    const moved: unknown[] = [];
    const day = start - (start % dayMs);
    for (const [at, tag] of [
      [day, "alice"],
      [day + dayMs - 1, "alice"],
      [day, "bob"],
      [day, "carol"],
      [day, undefined],
      [day + dayMs, "alice"],
    ] as const) {
      moved.push((await one(store, { ...move(2, at, tag), halfLifeMs: 1e15 })).admitted);
    }
    assert.deepEqual(moved, [true, false, true, false, false, true]);
    assert.deepEqual((await scored(store, day + dayMs))?.moves, [
      { at: day + dayMs, by: "test", points: 0.96, times: 1 },
      { at: day, by: "test", points: 1.98, times: 2 },
    ]);
  });

  test("no move up counts until the hold after a move down is over", async (store) => {
    await one(store, move(-20, start));
    for (const [after, moves] of [
      [0, false],
      [holdMs - 1, false],
      [holdMs, true],
    ] as const) {
      assert.equal((await one(store, move(2, start + after, "alice"))).admitted, moves);
    }
  });

  test("the last ten moves are shown, newest first, and a late one turns no time back", async (store) => {
    for (let i = 0; i < 12; i++) await one(store, move(-1, start + i));
    const late = await one(store, move(-1, start - halfLifeMs));
    assert.equal(late.score, 37);
    const moves = (await scored(store, start + 12))?.moves ?? [];
    assert.deepEqual(
      moves.map(({ at }) => at - start),
      [-halfLifeMs, 11, 10, 9, 8, 7, 6, 5, 4, 3],
    );
  });

  test("counts and reservations are answered with the score, those of others not", async (store) => {
    assert.equal((await one(store, count("a", start))).score, undefined);
    await one(store, move(-20, start));
    assert.equal((await one(store, count("b", start))).score, 30);
    assert.equal((await one(store, reserve("c", start + halfLifeMs))).score, 40);
    const [elsewhere] = await store.observe([{ ...count("d", start), value: "203.0.113.8" }]);
    assert.equal(elsewhere?.score, undefined);
  });

  test("clearing everything clears the score, and clearing a window or a tag does not", async (store) => {
    await store.observe([count("a", start), move(-20, start, "alice")]);
    const clear = { kind: "clear", ...target } as const;
    await store.observe([
      { ...clear, window: "w" },
      { ...clear, tag: "alice" },
    ]);
    assert.equal((await scored(store, start))?.score, 30);
    await store.observe([clear]);
    assert.equal(await scored(store, start), undefined);
    assert.equal((await one(store, move(-4, start, "alice"))).score, 46);
  });
}

async function one(store: WindowStore, operation: WindowOperation): Promise<WindowResult> {
  const [result] = await store.observe([operation]);
  assert.ok(result, "one result for one operation");
  return result;
}

const scored = async (store: WindowStore, at: number) =>
  (await one(store, { kind: "peek", ...target, at })).scored;

const timed = (at: number) => ({ ...target, window: "w", at, windowMs });
const count = (id: string, at: number) =>
  ({ ...timed(at), kind: "count", limit: 6, threshold: 5, id }) satisfies WindowOperation;
const reserve = (id: string, at: number) =>
  ({ ...timed(at), kind: "reserve", limit: 9, id }) satisfies WindowOperation;
const move = (points: number, at: number, tag?: string) =>
  ({
    ...{ kind: "score", ...target, at, points, by: "test", tag },
    ...{ halfLifeMs, mostADay: 2, holdMs },
  }) satisfies WindowOperation;
