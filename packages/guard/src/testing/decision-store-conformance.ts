// What every decision store must do, wherever it keeps them. Run it with any test runner that has `it(title, run)`.

import assert from "node:assert/strict";
import type { Decision } from "../decision.ts";
import { type DecisionStore, offenceMemoryMs } from "../stores/decision-store.ts";

export interface DecisionConformanceOptions {
  /** A fresh, empty store for each test, which holds so many decisions of rules, and as many of feeds. */
  readonly create: (maxDecisions: number) => DecisionStore | Promise<DecisionStore>;
  readonly it: (title: string, run: () => Promise<void>) => void;
}

/** Decisions of the suite are made then; a store that has a clock is to be given one that stands here. */
export const conformanceTime = 1_795_000_000_000;
const now = conformanceTime;
const hourMs = 60 * 60_000;
const plenty = 1_000;

export function decisionStoreConformance({ create, it }: DecisionConformanceOptions): void {
  const test = (title: string, maxDecisions: number, run: (store: DecisionStore) => Promise<void>) =>
    it(title, async () => {
      const store = await create(maxDecisions);
      try {
        await run(store);
      } finally {
        await store.close?.();
      }
    });

  test(
    "a decision is found from its adding, before that is acknowledged, until its last millisecond",
    plenty,
    async (store) => {
      const added = store.add(block(1));
      assert.deepEqual(found(store, 1), block(1));
      await added;
      assert.deepEqual(found(store, 1, now + hourMs - 1), block(1));
      assert.equal(found(store, 1, now + hourMs), undefined);
    },
  );

  test("one without an end is found until it is removed", plenty, async (store) => {
    await store.add(block(1, { until: null }));
    assert.ok(found(store, 1, now + 10_000 * hourMs));
    assert.deepEqual(await store.remove("d1", now + 1), block(1, { until: null }));
    assert.equal(found(store, 1), undefined);
  });

  test(
    "removing answers with the decision once, and with nothing for an id that there is not",
    plenty,
    async (store) => {
      await store.add(block(1));
      assert.deepEqual(await store.remove("d1", now + 1), block(1));
      assert.equal(await store.remove("d1", now + 1), undefined);
      assert.equal(await store.remove("no such", now + 1), undefined);
    },
  );

  test(
    "what has been removed does not come back, though somebody who does not know adds it again",
    plenty,
    async (store) => {
      await store.add(block(1));
      await store.remove("d1", now + 1);
      await store.add(block(1));
      assert.equal(found(store, 1, now + 2), undefined);
      assert.equal(store.offences("ip", block(1).value, now + 2), 0);
    },
  );

  test(
    "of several about one scope/value the strongest is found, and the next when that is removed",
    plenty,
    async (store) => {
      const value = block(1).value;
      await store.add(block(2, { value, action: "delay" }));
      await store.add(block(1));
      await store.add(block(3, { value, origin: "admin", action: "allow", rule: undefined }));
      assert.equal(store.find("ip", value, now)?.id, "d3");
      await store.remove("d3", now);
      assert.equal(store.find("ip", value, now)?.id, "d1");
    },
  );

  test("scopes and values do not mix, hostile ones neither", plenty, async (store) => {
    const values = ["a", "a ", "a:", "*", "a\nb", "", "__proto__", "\ud800", '"]}', "x".repeat(10_000)];
    for (const [number, value] of values.entries())
      await store.add(block(number, { value, scope: "device" }));
    for (const [number, value] of values.entries()) {
      assert.equal(store.find("device", value, now)?.id, `d${number}`);
      assert.equal(store.find("ip", value, now), undefined);
    }
  });

  test("a range is found for the addresses in it until it is removed", plenty, async (store) => {
    const range = block(1, { scope: "ip-prefix", value: "203.0.113.0/24", origin: "admin" });
    await store.add(range);
    assert.deepEqual(store.findPrefix("203.0.113.9", now), range);
    assert.equal(store.findPrefix("203.0.114.9", now), undefined);
    await store.remove(range.id, now);
    assert.equal(store.findPrefix("203.0.113.9", now), undefined);
  });

  test("the list has those in force, newest first", plenty, async (store) => {
    for (const number of [1, 2, 3])
      await store.add(block(number, { createdAt: now + number, until: now + 4 * number }));
    assert.deepEqual(ids(store, now + 3), ["d3", "d2", "d1"]);
    assert.deepEqual(ids(store, now + 8), ["d3"]);
  });

  test(
    "blocks of rules are offences until long after their end, once each, unless they were removed",
    plenty,
    async (store) => {
      const value = block(1).value;
      for (const number of [1, 2, 3]) await store.add(block(number, { value }));
      await store.add(block(1));
      await store.add(block(4, { value, origin: "admin" }));
      await store.add(block(5, { value, action: "challenge" }));
      await store.remove("d3", now);
      const offences = (at: number) => store.offences("ip", value, at);
      assert.equal(offences(now), 2);
      assert.equal(offences(now + hourMs + offenceMemoryMs - 1), 2);
      assert.equal(offences(now + hourMs + offenceMemoryMs), 0);
    },
  );

  test("of a rule, the one that ends soonest makes room, not the oldest", 3, async (store) => {
    const ends = [24, 1, 2, 12];
    for (const [number, hours] of ends.entries())
      await store.add(block(number, { createdAt: now + number, until: now + hours * hourMs }));
    assert.deepEqual(ids(store, now + 9), ["d3", "d2", "d0"]);
    assert.equal(found(store, 1, now + 9), undefined);
  });

  test("the newest is in force, even if all others end later", 2, async (store) => {
    for (const number of [1, 2, 3]) await store.add(block(number, { until: now + (9 - number) * hourMs }));
    assert.deepEqual(ids(store), ["d3", "d1"]);
  });

  test("what has ended makes room first, and is not found though it was in the store", 2, async (store) => {
    await store.add(block(1, { until: now + 1 }));
    await store.add(block(2));
    await store.add(block(3, { createdAt: now + 2 }));
    assert.deepEqual(ids(store, now + 2), ["d3", "d2"]);
  });

  test(
    "rules push out neither what admins decided nor what feeds brought, and feeds nothing of the rules",
    10,
    async (store) => {
      await store.add(block(1, { origin: "admin", until: now + 1000 }));
      for (const number of [2, 3]) await store.add(block(number, { origin: "feed", until: now + 1000 }));
      await addAll(store, 100, 200, "rule");
      const origins = () => Map.groupBy(store.list(now), ({ origin }) => origin);
      const held = origins();
      assert.deepEqual(
        (["admin", "feed", "rule"] as const).map((origin) => held.get(origin)?.length),
        [1, 2, 10],
      );
      await addAll(store, 200, 300, "feed");
      assert.equal(origins().get("feed")?.length, 10);
      assert.deepEqual(origins().get("rule"), held.get("rule"));
    },
  );

  test(
    "decisions that come and are removed again leave nothing behind that could push others out",
    2,
    async (store) => {
      await store.add(block(0, { until: now + 24 * hourMs }));
      for (let number = 1; number < 1100; number++) {
        await store.add(block(number));
        await store.remove(`d${number}`, now);
      }
      await store.add(block(5000));
      assert.deepEqual(ids(store), ["d5000", "d0"]);
    },
  );
}

/** A block of an address, by a rule, for an hour. */
function block(number: number, changes: Partial<Decision> = {}): Decision {
  const decision: Decision = {
    id: `d${number}`,
    action: "block",
    scope: "ip",
    value: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
    origin: "rule",
    createdAt: now,
    until: now + hourMs,
    rule: "brute-force",
    ...changes,
  };
  return decision;
}

const found = (store: DecisionStore, number: number, at = now) => store.find("ip", block(number).value, at);
const ids = (store: DecisionStore, at = now) => store.list(at).map(({ id }) => id);

async function addAll(store: DecisionStore, from: number, to: number, origin: Decision["origin"]) {
  for (let number = from; number < to; number++) await store.add(block(number, { origin }));
}
