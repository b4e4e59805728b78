// The engine: decisions in force, what rules bring about, what happens without a store, what is recorded.

import { describe, expect, it } from "vitest";
import type { Decision } from "./decision.ts";
import { createGuard } from "./engine.ts";
import type { SecurityEvent } from "./event.ts";
import type { Guard, GuardOptions } from "./guard.ts";
import { botActivity, bruteForce, builtInRules } from "./rules/index.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";
import type { WindowStore } from "./stores/window-store.ts";
import { createScenario } from "./testing/scenario.ts";

const ip = "203.0.113.7";
const hourMs = 60 * 60_000;
const failing = (observe: WindowStore["observe"]): WindowStore => ({ name: "broken", observe });

function build(options: Partial<GuardOptions>) {
  const errors: unknown[] = [];
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { guard, errors };
}

describe("decisions in force", () => {
  it("a repeat offender is blocked twice as long each time, up to 24 hours", async () => {
    const scenario = createScenario([bruteForce]);
    const hours: number[] = [];
    for (let round = 0; round < 7; round++) {
      const outcome = (await scenario.repeat(5, { type: "sign-in-failure", ip })).at(-1);
      const durationMs = (outcome?.decision?.until ?? 0) - scenario.now();
      hours.push(durationMs / hourMs);
      scenario.advance(durationMs);
    }
    expect(hours).toEqual([1, 2, 4, 8, 16, 24, 24]);
  });

  it("a block that was lifted by hand does not make the next one longer, and nothing stays counted", async () => {
    const scenario = createScenario([bruteForce]);
    const block = async () =>
      (await scenario.repeat(5, { type: "sign-in-failure", ip, account: "a" })).at(-1)?.decision;
    const first = await block();
    await scenario.guard.lift(first?.id ?? "", scenario.now());
    expect((await scenario.check({ type: "sign-in-attempt", ip, account: "a", id: "x" })).action).toBe(
      "allow",
    );
    const second = await block();
    expect((second?.until ?? 0) - scenario.now()).toBe(hourMs);
  });

  it.each([Number.NaN, 1e300, Number.POSITIVE_INFINITY])(
    "none ends at %f, which is no time",
    async (until) => {
      const { guard } = build({});
      const block = { action: "block", scope: "ip", value: ip, origin: "admin" } as const;
      await expect(guard.decide({ ...block, until }, 0)).rejects.toMatchObject({ code: "INVALID_DECISION" });
      expect(guard.decisions(0)).toEqual([]);
    },
  );

  it("an admin's allow outranks a rule's block, also for a range", async () => {
    const scenario = createScenario([bruteForce]);
    await scenario.guard.decide(
      { action: "allow", scope: "ip-prefix", value: "203.0.113.9/24", until: null, origin: "admin" },
      scenario.now(),
    );
    const outcomes = await scenario.repeat(20, { type: "sign-in-failure", ip });
    expect(outcomes.flatMap((outcome) => outcome.detections)).toEqual([]);
    expect((await scenario.check({ type: "request", ip })).action).toBe("allow");
  });

  it("whom a decision refuses can be told without being counted, and with it anybody else is not", async () => {
    const scenario = createScenario([botActivity]);
    const request = { type: "request", ip, door: "sign-in", at: scenario.now() } as const;
    for (let i = 0; i < 100; i++) expect(scenario.guard.refused(request)).toBeUndefined();
    expect((await scenario.check({ type: "request", ip, door: "sign-in" })).action).toBe("allow");
    await scenario.repeat(51, { type: "request", ip, door: "sign-in" });
    expect(scenario.guard.refused(request)).toMatchObject({ action: "block", reason: "decision" });
    // What is about the account is asked where the account is known.
    const lock = { action: "lock", scope: "account", value: "a", until: null, origin: "admin" } as const;
    await scenario.guard.decide(lock, scenario.now());
    expect(scenario.guard.refused({ ...request, ip: "192.0.2.9", account: "a" })).toBeUndefined();
  });

  it("an allowed account is not refused for a rule's block, and guesses at it are still counted", async () => {
    const scenario = createScenario([bruteForce]);
    const allow = { action: "allow", scope: "account", value: "a", until: null, origin: "admin" } as const;
    await scenario.guard.decide(allow, scenario.now());
    const outcomes = await scenario.repeat(5, { type: "sign-in-failure", ip, account: "a" });
    expect(outcomes.at(-1)?.decision).toMatchObject({ action: "block", value: ip });
  });

  it("a blocked IPv6 /64 stays blocked whichever of its addresses asks, and its neighbour is not", async () => {
    const scenario = createScenario([bruteForce]);
    await scenario.guard.decide(
      { action: "block", scope: "ip", value: "2001:DB8::1", until: null, origin: "admin" },
      scenario.now(),
    );
    expect((await scenario.check({ type: "request", ip: "2001:db8::ffff" })).action).toBe("block");
    expect((await scenario.check({ type: "request", ip: "2001:db8:0:1::1" })).action).toBe("allow");
  });

  it("monitor detects and records, and never acts", async () => {
    const scenario = createScenario([bruteForce], { "brute-force": { mode: "monitor" } });
    const outcomes = await scenario.repeat(5, { type: "sign-in-failure", ip });
    expect(outcomes.at(-1)?.detections).toMatchObject([{ rule: "brute-force", mode: "monitor" }]);
    expect(outcomes.at(-1)?.decision).toBeUndefined();
    const parallel = await Promise.all(
      Array.from({ length: 50 }, (_, i) => scenario.check({ type: "sign-in-attempt", ip, id: `t${i}` })),
    );
    expect(parallel.every((outcome) => outcome.action === "allow")).toBe(true);
  });
});

describe("the store", () => {
  it("is asked once for a signal, whatever the number of rules, and duplicates are dropped", async () => {
    const calls: number[] = [];
    const memory = createMemoryWindowStore();
    const copies = builtInRules.concat(builtInRules.map((rule) => ({ ...rule, id: `${rule.id}-copy` })));
    const { guard } = build({
      rules: copies,
      windows: failing((operations) => {
        calls.push(operations.length);
        return memory.observe(operations);
      }),
    });
    await guard.check({ type: "request", at: 1e12, ip, door: "sign-in", userAgent: "curl/8" });
    expect(calls).toEqual([2]);
  });

  it("goes on with the other rules when one throws, and tells of it", async () => {
    const broken = { ...bruteForce, id: "broken" };
    const no = () => {
      throw new Error("no");
    };
    for (const rule of [
      { ...broken, observe: no },
      { ...broken, judge: no },
    ]) {
      const { guard, errors } = build({ rules: [rule, bruteForce] });
      for (let i = 0; i < 5; i++) await guard.record({ type: "sign-in-failure", at: 1e12 + i, ip });
      expect((await guard.check({ type: "request", at: 1e12 + 5, ip })).action).toBe("block");
      expect(errors).toHaveLength(5);
    }
  });

  it("regression: a store that throws, rejects or hangs never lets everything through by accident", async () => {
    const hung = () => new Promise<never>(() => {});
    const throwing = () => {
      throw new Error("gone");
    };
    for (const observe of [throwing, () => Promise.reject(new Error("gone")), hung]) {
      const { guard, errors } = build({ windows: failing(observe), storeTimeoutMs: 5 });
      const outcome = await guard.check({ type: "sign-in-attempt", at: 1e12, ip });
      expect(outcome).toMatchObject({ action: "delay", reason: "store-unavailable" });
      expect(errors).toHaveLength(1);
      await guard.close();
    }
  });

  it("failing to give a place back does not let the refused attempt through", async () => {
    const memory = createMemoryWindowStore();
    const windows = failing((operations) => {
      if (operations.some((operation) => operation.kind === "release")) throw new Error("gone");
      return memory.observe(operations);
    });
    const { guard, errors } = build({ windows });
    const actions: string[] = [];
    for (let i = 0; i < 6; i++) {
      actions.push((await guard.check({ type: "sign-in-attempt", at: 1e12, ip, id: `t${i}` })).action);
    }
    expect(actions).toEqual(["allow", "allow", "allow", "allow", "allow", "delay"]);
    await expect.poll(() => errors).toHaveLength(1);
  });

  it("failing does not lift a block that is in force", async () => {
    const { guard } = build({
      windows: failing(() => Promise.reject(new Error("gone"))),
    });
    await guard.decide({ action: "block", scope: "ip", value: ip, until: null, origin: "admin" }, 1e12);
    expect((await guard.check({ type: "request", at: 1e12, ip })).action).toBe("block");
  });
});

describe("keeping what was decided", () => {
  const guessed = { type: "sign-in-failure", at: 1e12, ip } as const;
  const fifth = async (guard: Guard) => {
    for (let i = 0; i < 4; i++) await guard.record({ ...guessed, id: `${i}` });
    return guard.record({ ...guessed, id: "4" });
  };
  /** Answers nothing until it is let, and then as `Promise.resolve` or `reject`. */
  function held() {
    const gate = Promise.withResolvers<void>();
    const memory = createMemoryDecisionStore();
    const add = async (decision: Decision) => {
      await memory.add(decision);
      await gate.promise;
    };
    return { gate, decisions: { ...memory, add } };
  }

  it("holds no request for a decision store that hangs, and tells of it", async () => {
    const { decisions } = held();
    const { guard, errors } = build({ decisions, keepTimeoutMs: 5 });
    expect((await fifth(guard)).decision).toMatchObject({ action: "block" });
    expect(errors).toMatchObject([{ code: "STORE_TIMEOUT" }]);
    expect((await guard.check({ type: "request", at: 1e12, ip })).action).toBe("block");
  });

  it("tells of a failure that comes after the request went on", async () => {
    const { gate, decisions } = held();
    const { guard, errors } = build({ decisions, keepTimeoutMs: 5 });
    await fifth(guard);
    gate.reject(new Error("full"));
    await expect.poll(() => errors).toMatchObject([{ code: "STORE_TIMEOUT" }, { message: "full" }]);
  });

  it("holds no request for a sink that hangs; the event is written when it can be", async () => {
    const gate = Promise.withResolvers<void>();
    const kept: SecurityEvent[] = [];
    const hanging = {
      name: "hanging",
      write: (event: SecurityEvent) => gate.promise.then(() => void kept.push(event)),
    };
    const { guard, errors } = build({ sinks: [hanging], keepTimeoutMs: 5 });
    const { decision } = await fifth(guard);
    expect(errors).toMatchObject([{ code: "STORE_TIMEOUT" }]);
    expect(kept).toEqual([]);
    gate.resolve();
    await expect.poll(() => kept.at(-1)?.id).toBe(decision?.eventId);
  });

  it("waits for a slow store and a slow sink side by side, and tells of nothing when they make it", async () => {
    const { gate, decisions } = held();
    const sink = { name: "slow", write: async () => gate.resolve() };
    const { guard, errors } = build({ decisions, sinks: [sink], keepTimeoutMs: 10_000 });
    expect((await fifth(guard)).decision).toMatchObject({ action: "block" });
    expect(errors).toEqual([]);
  });

  it("a sink that hangs does not keep summed refusals from the others", async () => {
    const events: SecurityEvent[] = [];
    const hanging = { name: "hanging", write: () => new Promise<void>(() => {}) };
    const { guard } = build({
      sinks: [hanging, { name: "good", write: (event) => void events.push(event) }],
    });
    for (const value of ["192.0.2.1", "192.0.2.2"]) {
      await guard.decide({ action: "block", scope: "ip", value, until: null, origin: "admin" }, 1e12);
      await guard.check({ type: "request", at: 1e12, ip: value });
    }
    void guard.flush();
    expect(events.map((event) => event.refusals?.count)).toEqual([1, 1]);
  });

  it("closing closes everything, whatever of it fails", async () => {
    const closed: string[] = [];
    const close = (name: string) => async () => void closed.push(name);
    const { guard } = build({
      windows: { ...createMemoryWindowStore(), close: close("windows") },
      decisions: { ...createMemoryDecisionStore(), close: close("decisions") },
      sinks: [
        { name: "full", write() {}, flush: () => Promise.reject(new Error("full")), close: close("sink") },
      ],
    });
    await expect(guard.close()).rejects.toThrow("full");
    expect(closed.sort()).toEqual(["decisions", "sink", "windows"]);
  });
});

describe("events", () => {
  it("one that made a decision is kept before the outcome is known", async () => {
    const kept: SecurityEvent[] = [];
    const slow = {
      name: "slow",
      write: async (event: SecurityEvent) => {
        await new Promise((done) => setImmediate(done));
        kept.push(event);
      },
    };
    const { guard } = build({ sinks: [slow] });
    for (let i = 0; i < 5; i++) {
      const outcome = await guard.record({ type: "sign-in-failure", at: 1e12 + i, ip });
      if (outcome.decision) expect(kept.at(-1)?.id).toBe(outcome.decision.eventId);
    }
    expect(kept.at(-1)?.decision).toMatchObject({ action: "block", rule: "brute-force" });
  });

  it("sums of a thousand blocks leave the event loop to others in between", async () => {
    const scenario = createScenario([bruteForce]);
    const at = scenario.now();
    for (let i = 0; i < 1_000; i++) {
      const value = `198.18.${i >> 8}.${i & 255}`;
      await scenario.guard.decide({ action: "block", scope: "ip", value, origin: "admin", until: null }, at);
      scenario.guard.refused({ type: "request", ip: value, at });
    }
    const before = scenario.events.length;
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await scenario.guard.flush();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(9);
    expect(scenario.events.length - before).toBe(1_000);
  });

  it("refusals of a blocked client are summed into one event", async () => {
    const scenario = createScenario([bruteForce]);
    await scenario.repeat(5, { type: "sign-in-failure", ip });
    const before = scenario.events.length;
    for (let i = 0; i < 1000; i++) await scenario.check({ type: "request", ip });
    await scenario.guard.flush();
    expect(scenario.events.slice(before)).toMatchObject([{ refusals: { count: 1000 } }]);
  });

  it("a failing sink is told and harms neither the decision nor the other sinks", async () => {
    const events: SecurityEvent[] = [];
    const bad = { name: "bad", write: () => Promise.reject(new Error("full")) };
    const { guard, errors } = build({
      sinks: [bad, { name: "good", write: (event) => void events.push(event) }],
    });
    for (let i = 0; i < 5; i++) await guard.record({ type: "sign-in-failure", at: 1e12 + i, ip });
    expect((await guard.check({ type: "request", at: 1e12 + 9, ip })).action).toBe("block");
    expect([errors.length, events.length]).toEqual([5, 5]);
  });

  it("long fields are cut, so that no record is large", async () => {
    const scenario = createScenario(builtInRules);
    await scenario.record({ type: "sign-in-failure", ip, userAgent: "x".repeat(1e6), path: "/".repeat(1e6) });
    expect(JSON.stringify(scenario.events).length).toBeLessThan(2000);
  });
});

it("a signal without time or address is refused: counting it under a wrong key would be worse", async () => {
  const { guard } = build({});
  const code = expect.objectContaining({ code: "INVALID_SIGNAL" });
  expect(() => guard.check({ type: "request", at: Number.NaN, ip })).toThrow(code);
  expect(() => guard.check({ type: "request", at: 1, ip: "" })).toThrow(code);
});

it("rules without a place database say that they are idle", () => {
  const idle = build({})
    .guard.rules()
    .filter((state) => state.idle);
  expect(idle.map((state) => state.rule.id)).toEqual(["geographic-anomaly"]);
});
