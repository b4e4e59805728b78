// The queue holds no request, loses no decision, and stays within its bounds whatever its store does.

import type { SecurityEvent } from "@fluxstudio/guard";
import { createLogger } from "@fluxstudio/telemetry";
import { describe, expect, it } from "vitest";
import { createEventQueue, type EventQueueOptions } from "./event-queue.ts";
import { decision, detection, securityEvent } from "./test-event.ts";

const plain = () => securityEvent();
const detected = () => securityEvent({}, { detections: [detection] });
const decided = () => securityEvent({}, { detections: [detection], decision });
const refused = () => securityEvent({}, { decision, refusals: { count: 3, since: 0 } });

describe("writing", () => {
  it("returns at once for an event without decision, and for summed refusals", () => {
    const { queue } = setUp();
    for (const event of [plain(), detected(), refused()]) expect(queue.write(event)).toBeUndefined();
  });

  it("resolves for an event that made a decision when it is stored, and the others go along", async () => {
    const { queue, batches } = setUp();
    void queue.write(plain());
    await queue.write(decided());
    expect(batches.map((batch) => batch.length)).toEqual([2]);
  });

  it("stores decisions of the same moment in one batch", async () => {
    const { queue, batches } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => queue.write(decided())));
    expect(batches).toHaveLength(1);
  });

  it("stores in the order of writing, in batches that are not larger than asked", async () => {
    const { queue, batches } = setUp({ batchSize: 10 });
    const events = Array.from({ length: 25 }, plain);
    for (const event of events) void queue.write(event);
    await queue.flush();
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(events);
  });

  it("stores after the interval without being asked", async () => {
    const stored = Promise.withResolvers<readonly SecurityEvent[]>();
    const { queue } = setUp({ flushIntervalMs: 1, store: async (events) => stored.resolve(events) });
    // The timer must not keep a process alive that is done; here something has to.
    const alive = setInterval(() => {}, 1000);
    void queue.write(plain());
    expect(await stored.promise).toHaveLength(1);
    clearInterval(alive);
  });
});

describe("a full queue", () => {
  it("drops events without detection first, then those without decision, and says how many", async () => {
    const { queue, store, lines } = setUp({ maxQueued: 10 });
    store.fail(new Error("down"));
    for (let i = 0; i < 1000; i++) void queue.write(plain());
    expect(queue.status()).toMatchObject({ queued: 10, dropped: 990 });
    for (let i = 0; i < 1000; i++) void queue.write(detected());
    expect(queue.status().queued).toBe(20);
    const decisions = Array.from({ length: 30 }, () => queue.write(decided()));
    expect(queue.status().queued).toBe(50);
    await Promise.allSettled(decisions);
    store.work();
    await queue.flush();
    expect(store.kept().filter((event) => event.decision)).toHaveLength(30);
    expect(lines().map((line) => line.msg)).toContain("security events were dropped");
    expect(lines().find((line) => line.dropped)).toMatchObject({ dropped: 990 + 990 });
  });

  it("is bounded even for decisions", async () => {
    const { queue, store } = setUp({ maxQueued: 2 });
    store.fail(new Error("down"));
    const results = await Promise.allSettled(Array.from({ length: 1000 }, () => queue.write(decided())));
    expect(queue.status().queued).toBe(20);
    expect(results.every((result) => result.status === "rejected")).toBe(true);
  });
});

describe("a store that fails", () => {
  it("is told once, keeps the events, and rejects those who wait", async () => {
    const { queue, store, lines } = setUp();
    store.fail(new Error("down"));
    const event = decided();
    await expect(queue.write(event)).rejects.toThrow("down");
    await expect(queue.write(decided())).rejects.toThrow("down");
    await expect(queue.flush()).rejects.toThrow("down");
    expect(queue.status()).toMatchObject({ queued: 2, failing: true });
    expect(lines().filter((line) => line.level === "error")).toHaveLength(1);
    store.work();
    await queue.flush();
    expect(store.kept()[0]).toBe(event);
    expect(queue.status()).toEqual({ queued: 0, dropped: 0, failing: false });
    expect(lines().at(-1)).toMatchObject({ level: "info", msg: "security events are stored again" });
  });

  it("is left alone while events without decision come in", async () => {
    let tries = 0;
    const { queue } = setUp({
      batchSize: 2,
      store: async () => {
        tries++;
        throw new Error("down");
      },
    });
    await expect(queue.write(decided())).rejects.toThrow("down");
    for (let i = 0; i < 100; i++) void queue.write(plain());
    await expect(queue.flush()).rejects.toThrow("down");
    expect(tries).toBe(2);
  });

  it("is tried again by itself", async () => {
    const { queue, store } = setUp({ retryMs: 1 });
    store.fail(new Error("down"));
    const recovered = store.nextStored();
    await expect(queue.write(decided())).rejects.toThrow("down");
    store.work();
    const alive = setInterval(() => {}, 1000);
    expect(await recovered).toHaveLength(1);
    clearInterval(alive);
  });

  it("does not keep the process from closing, which says what is lost", async () => {
    const { queue, store, lines } = setUp();
    store.fail(new Error("down"));
    void queue.write(plain());
    await expect(queue.close()).rejects.toThrow("down");
    expect(lines().at(-1)).toMatchObject({ lost: 1 });
  });
});

it("one event that cannot be stored does not keep the others from it", async () => {
  const bad = securityEvent({ path: "bad" });
  const kept: SecurityEvent[] = [];
  const { queue, lines } = setUp({
    isUnstorable: (error) => error instanceof RangeError,
    store: async (events) => {
      if (events.includes(bad)) throw new RangeError("bad value");
      kept.push(...events);
    },
  });
  const others = [plain(), plain(), plain()];
  for (const event of [...others.slice(0, 2), bad, ...others.slice(2)]) void queue.write(event);
  await queue.flush();
  expect(kept).toEqual(others);
  expect(lines()).toEqual([expect.objectContaining({ id: bad.id, level: "error" })]);
});

it("after closing, events are dropped and nothing waits for ever", async () => {
  const { queue } = setUp();
  await queue.close();
  expect(queue.write(plain())).toBeUndefined();
  await expect(queue.write(decided())).rejects.toThrow();
});

function setUp(options: Partial<EventQueueOptions> = {}) {
  const batches: (readonly SecurityEvent[])[] = [];
  const written: string[] = [];
  let error: Error | undefined;
  let told: ((events: readonly SecurityEvent[]) => void) | undefined;
  const queue = createEventQueue({
    // Nothing happens by itself within a test, unless the test asks for it.
    flushIntervalMs: 60_000,
    retryMs: 60_000,
    isUnstorable: () => false,
    logger: createLogger({ level: "info", stream: { write: (line) => void written.push(line) } }),
    store: async (events) => {
      if (error) throw error;
      batches.push(events);
      told?.(events);
    },
    ...options,
  });
  return {
    queue,
    batches,
    lines: () => written.map((line) => JSON.parse(line)),
    store: {
      fail: (reason: Error) => {
        error = reason;
      },
      work: () => {
        error = undefined;
      },
      kept: () => batches.flat(),
      nextStored: () =>
        new Promise<readonly SecurityEvent[]>((resolve) => {
          told = resolve;
        }),
    },
  };
}
