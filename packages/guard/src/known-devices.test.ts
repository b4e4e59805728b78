// Known devices: what strangers do behind the same address or to the same account is not held against them, and the reverse.

import { describe, expect, it } from "vitest";
import { createGuard } from "./engine.ts";
import { bruteForce, builtInRules } from "./rules/index.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";
import { createScenario, type Scenario, type Step } from "./testing/scenario.ts";

const ip = "192.0.2.1";
const { threshold, windowMs } = bruteForce.defaults;
const stranger = { ip, account: "mallory" };
const owner = { ip, account: "alice", device: "laptop" };

describe("a known device", () => {
  it("is let through behind an address that a rule has blocked; a stranger and another account are not", async () => {
    const scenario = createScenario(builtInRules);
    await fail(scenario, stranger, threshold);
    expect((await tryOnce(scenario, stranger)).action).toBe("block");
    expect((await tryOnce(scenario, { ...owner, device: undefined })).action).toBe("block");
    expect((await scenario.check({ ...owner, type: "request", door: "sign-in" })).action).toBe("allow");
    expect((await tryOnce(scenario, owner)).action).toBe("allow");
  });

  it.each([
    ["ip", ip],
    ["ip-prefix", "192.0.2.0/24"],
    ["account", "alice"],
    ["account+ip", `alice ${ip}`],
    ["device", "laptop"],
  ] as const)("is refused when an operator blocks its %s", async (scope, value) => {
    const scenario = createScenario(builtInRules);
    await scenario.guard.decide(
      { action: "block", scope, value, until: null, origin: "admin" },
      scenario.now(),
    );
    expect((await tryOnce(scenario, owner)).action).toBe("block");
  });

  it.each(["block", "lock"] as const)(
    "is refused when a rule or feed has decided to %s its account",
    async (action) => {
      const scenario = createScenario(builtInRules);
      const decision = { action, scope: "account", value: "alice", until: null, origin: "feed" } as const;
      await scenario.guard.decide(decision, scenario.now());
      expect((await tryOnce(scenario, owner)).action).toBe(action);
    },
  );

  it("is not refused for an address on a feed", async () => {
    const scenario = createScenario(builtInRules);
    const decision = { action: "block", scope: "ip", value: ip, until: null, origin: "feed" } as const;
    await scenario.guard.decide(decision, scenario.now());
    expect((await tryOnce(scenario, owner)).action).toBe("allow");
  });

  it("is blocked for its own failures, alone, and its failures are nobody else's", async () => {
    const scenario = createScenario(builtInRules);
    const outcomes = await fail(scenario, owner, threshold);
    expect(outcomes.at(-1)?.decision).toMatchObject({ action: "block", scope: "device", value: "laptop" });
    expect((await tryOnce(scenario, owner)).action).toBe("block");
    for (const other of [
      { ...owner, device: "phone" },
      { ...owner, device: undefined },
    ]) {
      for (let i = 1; i < threshold; i++) {
        expect((await tryOnce(scenario, other)).action).toBe("allow");
        await fail(scenario, other, 1);
      }
    }
  });

  it("is not counted with an address that a stranger floods, nor the stranger with it", async () => {
    const scenario = createScenario(builtInRules);
    const request = { ip, type: "request", door: "sign-in" } as const;
    for (let i = 0; i < 60; i++) {
      await scenario.check(request);
      expect((await scenario.check({ ...request, device: `d${i % 40}` })).action).toBe("allow");
    }
    expect((await scenario.check(request)).action).toBe("block");
    for (let i = 0; i < 60; i++) await scenario.check({ ...request, device: "flood" });
    expect((await scenario.check({ ...request, device: "flood" })).action).toBe("block");
    expect((await scenario.check({ ...request, device: "d1" })).action).toBe("allow");
  });

  it("that becomes known by a sign-in gives back the place that it took as a stranger", async () => {
    const scenario = createScenario(builtInRules);
    for (let i = 0; i < threshold * 3; i++) {
      const step = { ip, account: "alice", id: `try${i}` };
      expect((await scenario.check({ ...step, type: "sign-in-attempt" })).action).toBe("allow");
      await scenario.record({ ...step, type: "sign-in-success", device: `new${i}`, newDevice: true });
    }
  });
});

it("in 100 random mixes of devices, strangers and parallel guesses, no source gets more than its threshold through", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = generator(seed);
    const scenario = createScenario([bruteForce]);
    const through = new Map<string, number[]>();
    for (let round = 0; round < 30; round++) {
      const steps = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, i) => {
        const device = pick(random, [undefined, "laptop", "phone"]);
        return { ip: pick(random, [ip, "192.0.2.2"]), account: "alice", device, id: `${round}.${i}` };
      });
      const outcomes = await Promise.all(
        steps.map((step) => scenario.check({ ...step, type: "sign-in-attempt" })),
      );
      for (const [index, step] of steps.entries()) {
        if (outcomes[index]?.action !== "allow") continue;
        const source = step.device ?? step.ip;
        const times = [...(through.get(source) ?? []), scenario.now()];
        through.set(source, times);
        const lately = times.filter((at) => at > scenario.now() - windowMs);
        expect(lately.length, `seed ${seed}, ${source}`).toBeLessThanOrEqual(threshold);
        await scenario.record({ ...step, type: "sign-in-failure" });
      }
      scenario.advance(Math.floor(random() * windowMs));
    }
  }
});

it("two decisions of one signal are both taken, each with an event of its own", async () => {
  const scenario = createScenario(builtInRules);
  for (let i = 0; i < 9; i++) {
    const elsewhere = { ip: i < 4 ? ip : `198.51.100.${i}`, account: "alice" };
    await fail(scenario, elsewhere, 1);
  }
  const last = (await fail(scenario, { ip, account: "alice" }, 1)).at(-1);
  expect(last?.detections.map(({ rule }) => rule).sort()).toEqual(["account-guessing", "brute-force"]);
  expect(last?.decision).toMatchObject({ action: "block", scope: "ip" });
  const decided = scenario.guard.decisions(scenario.now());
  expect(decided.map(({ action, scope }) => `${action} ${scope}`).sort()).toEqual([
    "block ip",
    "delay account",
  ]);
  for (const decision of decided) {
    const event = scenario.events.find(({ id }) => id === decision.eventId);
    expect(event?.decision).toEqual(decision);
    expect(event?.detections.map(({ rule }) => rule)).toEqual([decision.rule]);
  }
});

it("an attempt costs one store call, also with account and device", async () => {
  const memory = createMemoryWindowStore();
  let calls = 0;
  const guard = createGuard({
    rules: builtInRules,
    windows: {
      name: "counting",
      observe(operations) {
        calls++;
        return memory.observe(operations);
      },
    },
    decisions: createMemoryDecisionStore(),
    onError: (error) => {
      throw error;
    },
  });
  await guard.check({ type: "sign-in-attempt", at: 1e12, ip, account: "alice" });
  await guard.check({ ...owner, type: "sign-in-attempt", at: 1e12 });
  expect(calls).toBe(2);
});

type Source = Omit<Step, "type">;
let made = 0;

const tryOnce = async (scenario: Scenario, source: Source) => {
  const id = `once${made++}`;
  const outcome = await scenario.check({ ...source, id, type: "sign-in-attempt" });
  await scenario.record({ ...source, id, type: "sign-in-abandoned" });
  return outcome;
};

const fail = (scenario: Scenario, source: Source, times: number) =>
  scenario.repeat(times, { ...source, type: "sign-in-failure" });

/** Numerical Recipes' linear congruential generator: the same seed, the same test. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = <Value>(random: () => number, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;
