// Decisions in Redis: what one process decides holds in all, also after messages, keys or the connection were lost.

import { randomBytes } from "node:crypto";
import { createClient } from "@redis/client";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { Decision } from "../decision.ts";
import { GuardError } from "../errors.ts";
import { decisionStoreConformance, conformanceTime as now } from "../testing/decision-store-conformance.ts";
import { connectRedis } from "./connect-redis.ts";
import { offenceMemoryMs } from "./decision-store.ts";
import type { RedisConnection, RedisListener } from "./redis-connection.ts";
import { decisionKeys } from "./redis-decision-scripts.ts";
import { createRedisDecisionStore, type RedisDecisionStoreOptions } from "./redis-decision-store.ts";

const url = process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const admin = await createClient({ url }).connect();
afterAll(() => admin.destroy());

const hourMs = 60 * 60_000;
const newPrefix = () => randomBytes(6).toString("hex");

const block = (id: string, changes: Partial<Decision> = {}): Decision => ({
  id,
  action: "block",
  scope: "ip",
  value: "203.0.113.7",
  origin: "rule",
  createdAt: now,
  until: now + hourMs,
  rule: "brute-force",
  ...changes,
});

/** What lies between a process and the server: each message and each call passes it, or is lost. */
interface Line {
  hearsMessages: boolean;
  isUp: boolean;
  calls: number;
  /** As after a connection that was lost and is there again. */
  reopen(): void;
}

/** A store as a process of its own would have it: with its own connection, over a line that can be cut. */
async function startStore(prefix: string, options: Partial<RedisDecisionStoreOptions> = {}, address = url) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const connection = connectRedis({ url: address, onError });
  const { promise: open, resolve: isOpen } = Promise.withResolvers<void>();
  let listener: RedisListener | undefined;
  const line: Line = { hearsMessages: true, isUp: true, calls: 0, reopen: () => listener?.onOpen() };
  const cuttable: RedisConnection = {
    ...connection,
    async run(calls) {
      line.calls += calls.length;
      if (!line.isUp) throw new GuardError("STORE_UNAVAILABLE", "The line is cut.");
      return connection.run(calls);
    },
    subscribe: (channel, { onOpen, onMessage }) => {
      listener = {
        onOpen,
        onMessage: (message) => {
          if (line.hearsMessages && line.isUp) onMessage(message);
        },
      };
      return connection.subscribe(channel, {
        onMessage: listener.onMessage,
        onOpen: () => {
          onOpen();
          isOpen();
        },
      });
    },
  };
  const store = createRedisDecisionStore({
    connection: cuttable,
    prefix,
    onError,
    now: () => now,
    ...options,
  });
  onTestFinished(async () => {
    await store.close?.();
    await connection.close();
  });
  await open;
  await store.ready;
  return { store, line, errors };
}

const startStores = async (count: number, prefix = newPrefix()) => ({
  prefix,
  stores: await Promise.all(Array.from({ length: count }, () => startStore(prefix))),
});

const empty = (prefix: string) => admin.del([...decisionKeys(prefix).keys]);

const opened: RedisConnection[] = [];
afterAll(() => Promise.all(opened.map((connection) => connection.close())));
decisionStoreConformance({
  it,
  create: async (maxDecisions) => {
    const connection = connectRedis({ url, onError: () => {} });
    opened.push(connection);
    const options = { connection, prefix: newPrefix(), onError: () => {}, now: () => now };
    const store = createRedisDecisionStore({ ...options, maxDecisions });
    await store.ready;
    return store;
  },
});

describe("two processes", () => {
  it("a decision of one holds in the other, and its lift there ends it in the first", async () => {
    const [a, b] = (await startStores(2)).stores;
    await a?.store.add(block("d1"));
    await expect.poll(() => b?.store.find("ip", "203.0.113.7", now)).toEqual(block("d1"));
    expect(b?.store.offences("ip", "203.0.113.7", now)).toBe(1);
    expect(await b?.store.remove("d1", now)).toEqual(block("d1"));
    await expect.poll(() => a?.store.list(now)).toEqual([]);
    expect(a?.store.offences("ip", "203.0.113.7", now)).toBe(0);
  });

  it("of different databases of one server hear nothing of each other", async () => {
    const prefix = newPrefix();
    const here = await startStore(prefix);
    const there = await startStore(prefix, {}, `${url}/1`);
    await here.store.add(block("d1"));
    await there.store.add(block("d2"));
    await there.store.remove("d2", now);
    await here.store.add(block("d3"));
    expect(there.store.list(now)).toEqual([]);
    await there.store.remove("d1", now);
    expect(here.store.list(now)).toHaveLength(2);
  });

  it("one that starts later has what was decided before, in its order, with the offences", async () => {
    const { prefix, stores } = await startStores(1);
    const [a] = stores;
    for (let i = 0; i < 1200; i++)
      void a?.store.add(block(`d${i}`, { value: `device ${i}`, scope: "device" }));
    await a?.store.add(block("last"));
    await a?.store.remove("d7", now);
    const b = await startStore(prefix);
    expect(b.store.list(now)).toEqual(a?.store.list(now));
    expect(b.store.list(now)).toHaveLength(1200);
    const later = await startStore(prefix, { now: () => now + 2 * hourMs });
    expect(later.store.list(now + 2 * hourMs)).toEqual([]);
    expect(later.store.offences("ip", "203.0.113.7", now + 2 * hourMs)).toBe(1);
  });

  it("a lift of what this process does not hold ends it everywhere", async () => {
    const { prefix, stores } = await startStores(1);
    const [a] = stores;
    const deaf = await startStore(prefix);
    deaf.line.hearsMessages = false;
    await a?.store.add(block("d1"));
    expect(await deaf.store.remove("d1", now)).toEqual(block("d1"));
    await expect.poll(() => a?.store.list(now)).toEqual([]);
    expect(await deaf.store.remove("d1", now)).toBeUndefined();
  });

  it("clocks half a minute apart: the block holds in both until its end on each one's clock, and is kept as long", async () => {
    const prefix = newPrefix();
    const fast = await startStore(prefix, { now: () => now + 30_000 });
    const slow = await startStore(prefix, { now: () => now - 30_000 });
    await fast.store.add(block("of fast", { createdAt: now + 30_000, until: now + 90_000 }));
    await slow.store.add(block("of slow", { createdAt: now - 30_000, until: now + 60_000 }));
    for (const { store } of [fast, slow])
      await expect
        .poll(() =>
          store
            .list(now)
            .map(({ id }) => id)
            .sort(),
        )
        .toEqual(["of fast", "of slow"]);
    const [, , , ends] = decisionKeys(prefix).keys;
    const [serverTime = 0] = ((await admin.sendCommand(["TIME"])) as unknown as string[]).map(Number);
    const kept = async (id: string) =>
      Number(await admin.zScore(ends, id)) - serverTime * 1000 - offenceMemoryMs;
    expect(await kept("of fast")).toBeGreaterThan(60_000 - 5_000);
    expect(await kept("of slow")).toBeGreaterThan(90_000 - 5_000);
  });
});

describe("what was missed", () => {
  it("a lost message is noticed at the next one", async () => {
    const [a, b] = (await startStores(2)).stores;
    await a?.store.add(block("d0"));
    await expect.poll(() => b?.store.list(now)).toHaveLength(1);
    if (b) b.line.hearsMessages = false;
    await a?.store.add(block("d1", { createdAt: now + 1 }));
    await a?.store.remove("d0", now);
    if (b) b.line.hearsMessages = true;
    await a?.store.add(block("d2", { createdAt: now + 2, value: "203.0.113.8" }));
    await expect.poll(() => b?.store.list(now).map(({ id }) => id)).toEqual(["d2", "d1"]);
  });

  it("it is noticed without a further message within the time of a resync, and at once when the connection is there again", async () => {
    const { prefix, stores } = await startStores(1);
    const [a] = stores;
    const patient = await startStore(prefix);
    const quick = await startStore(prefix, { resyncMs: 20 });
    for (const { line } of [patient, quick]) line.hearsMessages = false;
    await a?.store.add(block("d1"));
    await expect.poll(() => quick.store.list(now)).toHaveLength(1);
    expect(patient.store.list(now)).toEqual([]);
    patient.line.reopen();
    await expect.poll(() => patient.store.list(now)).toHaveLength(1);
  });

  it("decided without a connection, it is in force here, not acknowledged, and with the others when the connection is there", async () => {
    const [a, b] = (await startStores(2)).stores;
    await a?.store.add(block("d0", { value: "203.0.113.1" }));
    await expect.poll(() => b?.store.list(now)).toHaveLength(1);
    if (a) a.line.isUp = false;
    await expect(a?.store.add(block("d1"))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(a?.store.remove("d0", now)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(a?.store.list(now)).toEqual([block("d1")]);
    expect(b?.store.list(now).map(({ id }) => id)).toEqual(["d0"]);
    if (a) a.line.isUp = true;
    a?.line.reopen();
    await expect.poll(() => b?.store.list(now)).toEqual([block("d1")]);
  });

  it("it is tried again by itself when the server refuses for another reason", async () => {
    const [a, b] = (await startStores(2)).stores;
    if (a) a.line.isUp = false;
    await expect(a?.store.add(block("d1"))).rejects.toThrow();
    if (a) a.line.isUp = true;
    await expect.poll(() => b?.store.list(now)).toEqual([block("d1")]);
  });

  it("more than can wait is handed over all the same", async () => {
    const [a, b] = (await startStores(2)).stores;
    if (a) a.line.isUp = false;
    const adding = Array.from({ length: 10_100 }, (_, i) =>
      a?.store.add(block(`d${i}`, { value: `${i}`, scope: "device" })),
    );
    expect((await Promise.allSettled(adding)).every(({ status }) => status === "rejected")).toBe(true);
    if (a) a.line.isUp = true;
    a?.line.reopen();
    await expect.poll(() => b?.store.list(now).length).toBe(10_100);
  });
});

describe("a server that has lost something", () => {
  it("emptied, gets back what each process holds, and each gets what the others hold", async () => {
    const { prefix, stores } = await startStores(2);
    const [a, b] = stores;
    await a?.store.add(block("d1"));
    await expect.poll(() => b?.store.list(now)).toHaveLength(1);
    if (b) b.line.hearsMessages = false;
    await a?.store.add(block("d2", { value: "203.0.113.8", until: null, origin: "admin" }));
    await empty(prefix);
    if (b) b.line.hearsMessages = true;
    for (const store of [a, b]) store?.line.reopen();
    for (const store of [a, b, await startStore(prefix)])
      await expect
        .poll(() =>
          store?.store
            .list(now)
            .map(({ id }) => id)
            .sort(),
        )
        .toEqual(["d1", "d2"]);
  });

  it("emptied, does not get back what was lifted, from whoever missed the lift", async () => {
    const { prefix, stores } = await startStores(2);
    const [a, b] = stores;
    await a?.store.add(block("d1"));
    await a?.store.add(block("d2", { value: "203.0.113.8" }));
    await expect.poll(() => b?.store.list(now)).toHaveLength(2);
    if (b) b.line.isUp = false;
    await a?.store.remove("d1", now);
    await empty(prefix);
    // It would hear of what b hands over, and tell of the lift before anybody has seen the other.
    if (a) a.line.isUp = false;
    if (b) b.line.isUp = true;
    b?.line.reopen();
    const fresh = await startStore(prefix);
    await expect.poll(() => fresh.store.list(now)).toHaveLength(2);
    if (a) a.line.isUp = true;
    a?.line.reopen();
    for (const store of [a, b, fresh])
      await expect.poll(() => store?.store.list(now).map(({ id }) => id)).toEqual(["d2"]);
  });

  it("refuses to take in what has been lifted, from a process that knows nothing of it", async () => {
    const { prefix, stores } = await startStores(2);
    const [a, b] = stores;
    await a?.store.add(block("d1"));
    await expect.poll(() => b?.store.list(now)).toHaveLength(1);
    if (b) b.line.isUp = false;
    await a?.store.remove("d1", now);
    const stranger = await startStore(prefix);
    await stranger.store.add(block("d2"));
    if (b) b.line.isUp = true;
    b?.line.reopen();
    await expect.poll(() => b?.store.list(now)).toEqual([block("d2")]);
    expect(stranger.store.list(now)).toEqual([block("d2")]);
  });

  it("a replica that was behind and took over is brought up to date, though its changes have other numbers since", async () => {
    const { prefix, stores } = await startStores(2);
    const [a, b] = stores;
    const { keys } = decisionKeys(prefix);
    await a?.store.add(block("d1"));
    const copies = await Promise.all(keys.map((key) => admin.sendCommand(["COPY", key, `${key}:replica`])));
    expect(copies).toEqual([1, 1, 1, 1]);
    await a?.store.add(block("d2", { value: "203.0.113.8" }));
    await expect.poll(() => b?.store.list(now)).toHaveLength(2);
    for (const key of keys) await admin.sendCommand(["RENAME", `${key}:replica`, key]);
    await b?.store.add(block("d3", { value: "203.0.113.9" }));
    const fresh = await startStore(prefix);
    await expect
      .poll(() =>
        fresh.store
          .list(now)
          .map(({ id }) => id)
          .sort(),
      )
      .toEqual(["d1", "d2", "d3"]);
  });

  it.each([0, 1, 2, 3])(
    "one key of the four (%i) that was dropped for want of memory costs nothing",
    async (place) => {
      const { prefix, stores } = await startStores(1);
      const [a] = stores;
      await a?.store.add(block("d1"));
      await admin.del(decisionKeys(prefix).keys[place] as string);
      a?.line.reopen();
      const fresh = await startStore(prefix);
      await expect.poll(() => fresh.store.list(now)).toEqual([block("d1")]);
    },
  );

  it("every key expires, in a month at the soonest, and not before what is in it", async () => {
    const { prefix, stores } = await startStores(1);
    await stores[0]?.store.add(block("d1"));
    await stores[0]?.store.add(block("endless", { until: null }));
    const days = async () =>
      (await Promise.all(decisionKeys(prefix).keys.map((key) => admin.pTTL(key)))).map((ms) =>
        Math.ceil(ms / (24 * hourMs)),
      );
    expect(await days()).toEqual([30, 30, 30, 30]);
    await stores[0]?.store.add(block("long", { until: now + 90 * 24 * hourMs }));
    await stores[0]?.store.add(block("d2"));
    expect(await days()).toEqual([97, 97, 97, 97]);
  });

  it("keeps so many and no more: what ends soonest goes, whatever an admin took stays", async () => {
    const prefix = newPrefix();
    const small = await startStore(prefix, { maxDecisions: 1 });
    await small.store.add(block("admin", { origin: "admin", until: now + 1 }));
    const addAll = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, i) => {
          const number = from + i;
          return small.store.add(block(`d${number}`, { value: `${number}`, until: now + hourMs + number }));
        }),
      );
    await addAll(0, 5_000);
    await addAll(5_000, 10_050);
    const { keys } = decisionKeys(prefix);
    expect(await admin.hLen(keys[1])).toBe(10_002);
    expect(await Promise.all(["admin", "d0", "d48", "d49"].map((id) => admin.hExists(keys[1], id)))).toEqual([
      1, 0, 0, 1,
    ]);
  });

  it("tells nobody of messages and entries that are none, and goes on", async () => {
    const { prefix, stores } = await startStores(2);
    const [a, b] = stores;
    const { channel, keys } = decisionKeys(prefix);
    await a?.store.add(block("d1"));
    for (const message of [
      "",
      "no JSON",
      "{}",
      "[1,2,3]",
      '["0","1",[["t","x","{}"],["t"]]]',
      '[["a"],"b",[]]',
      JSON.stringify([
        "0",
        "1",
        [["t", "d9", JSON.stringify(block("d9", { scope: "ip-prefix", value: "all" }))]],
      ]),
      // No calendar has these times, and whoever writes one down would fail.
      ...[{ until: 1e300 }, { createdAt: 1e300 }, { createdAt: -1e300 }].map((changes) =>
        JSON.stringify(["0", "1", [["t", "d9", JSON.stringify(block("d9", changes))]]]),
      ),
    ])
      await admin.publish(channel, message);
    await admin.hSet(keys[1], "d1", "tbroken");
    await a?.store.add(block("d2", { value: "203.0.113.8" }));
    await expect.poll(() => b?.store.list(now)).toHaveLength(2);
    expect((await startStore(prefix)).store.list(now).map(({ id }) => id)).toEqual(["d2"]);
    expect([a, b].map((store) => store?.errors)).toEqual([[], []]);
  });
});

it("10,000 requests of a blocked address make no call", async () => {
  const { prefix, stores } = await startStores(1);
  await stores[0]?.store.add(block("d1"));
  const { store, line } = await startStore(prefix);
  const before = line.calls;
  for (let i = 0; i < 10_000; i++) {
    expect(store.find("ip", "203.0.113.7", now)).toBeDefined();
    expect(store.findPrefix("203.0.113.7", now)).toBeUndefined();
  }
  expect(line.calls).toBe(before);
});
