// Reputation in a guard: what moves a score, what follows from it, and what an attacker cannot make of it.

import { describe, expect, it } from "vitest";
import { createGuard } from "./engine.ts";
import { GuardError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import { lostPoints, successPoints } from "./reputation.ts";
import { bruteForce, builtInRules, reputation } from "./rules/index.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";
import type { WindowOperation, WindowStore } from "./stores/window-store.ts";
import { createScenario, type Scenario } from "./testing/scenario.ts";

const ip = "203.0.113.7";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const rules = [bruteForce, reputation];
/** Detects without a block of its own, so that a test can go on. */
const quiet = { "brute-force": { response: { action: "record" } } } as const;
const { threshold } = bruteForce.defaults;

const stateOf = async ({ guard, now }: Scenario, of = ip) =>
  (await guard.explain("ip", of, now())).reputation;
const scoreOf = async (scenario: Scenario, of = ip) => (await stateOf(scenario, of))?.score ?? Number.NaN;

let made = 0;
/** One detection of brute-force, each at another account, and then the window is over. */
async function caught(scenario: Scenario, from = ip): Promise<void> {
  const account = `guessed ${made++}`;
  for (let i = 0; i < threshold; i++) {
    const { detections } = await scenario.record({ type: "sign-in-failure", ip: from, account });
    if (detections.length > 0) break;
  }
  scenario.advance(hourMs);
}

/** This many accounts sign in on each of so many days. */
async function busyDays(scenario: Scenario, days: number, accounts: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < accounts; i++)
      await scenario.record({ type: "sign-in-success", ip, account: `person ${i}` });
    scenario.advance(dayMs);
  }
}

/** How many of so many attempts find a place, sent side by side. */
async function admitted(scenario: Scenario, accountOf: (i: number) => string, times = 40): Promise<number> {
  const outcomes = await Promise.all(
    Array.from({ length: times }, (_, i) =>
      scenario.check({ type: "sign-in-attempt", ip, account: accountOf(i), id: `try ${made++}` }),
    ),
  );
  return outcomes.filter(({ action }) => action === "allow").length;
}

describe("what moves a score", () => {
  it("a detection takes the points of its severity, once for a signal", async () => {
    const scenario = createScenario(rules, quiet);
    await caught(scenario);
    expect((await stateOf(scenario))?.moves).toMatchObject([
      { by: "brute-force", points: -lostPoints.high, times: 1 },
    ]);
  });

  it("a success gives half of its points at 50, once a day for an account", async () => {
    const scenario = createScenario(rules);
    for (let i = 0; i < 10; i++) await scenario.record({ type: "sign-in-success", ip, account: "ada" });
    expect((await stateOf(scenario))?.moves).toMatchObject([{ points: successPoints / 2, times: 1 }]);
  });

  it("a detection by a rule in monitor takes nothing", async () => {
    const scenario = createScenario(rules, { "brute-force": { mode: "monitor" } });
    for (let i = 0; i < 10; i++) await caught(scenario);
    expect(await stateOf(scenario)).toMatchObject({ score: 50, moves: [] });
  });

  it("a detection about an account takes nothing from whoever was the last to fail: strangers can bring it about", async () => {
    const scenario = createScenario(builtInRules, { "brute-force": { mode: "monitor" } });
    for (let i = 0; i < 12; i++)
      await scenario.record({ type: "sign-in-failure", ip: `198.51.100.${i}`, account: "ada" });
    const { detections } = await scenario.record({ type: "sign-in-failure", ip, account: "ada" });
    expect(detections).toMatchObject([{ rule: "account-guessing", mode: "enforce" }]);
    expect(await scoreOf(scenario)).toBe(50);
  });

  it("what a known device does is its own affair", async () => {
    const scenario = createScenario(rules, quiet);
    const step = { type: "sign-in-failure", ip, account: "ada", device: "laptop" } as const;
    const outcomes = await scenario.repeat(threshold, step);
    expect(outcomes.at(-1)?.detections).toMatchObject([{ scope: "device" }]);
    expect(await scoreOf(scenario)).toBe(50);
  });

  it("an address that an operator allows has no moves", async () => {
    const scenario = createScenario(rules);
    const allow = { action: "allow", scope: "ip", value: ip, origin: "admin", until: null } as const;
    await scenario.guard.decide(allow, scenario.now());
    await busyDays(scenario, 1, 5);
    for (let i = 0; i < 5; i++) await caught(scenario);
    expect((await stateOf(scenario))?.moves).toEqual([]);
  });

  it.each(["127.0.0.1", "10.1.2.3", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "not an address"])(
    "%s has no reputation",
    async (from) => {
      const scenario = createScenario(rules, quiet);
      for (let i = 0; i < 9; i++) await caught(scenario, from);
      await scenario.record({ type: "sign-in-success", ip: from, account: "ada" });
      expect(scenario.guard.decisions(scenario.now())).toEqual([]);
      if (from === "not an address") return;
      expect(await stateOf(scenario, from)).toMatchObject({ score: 50, unknown: "private", moves: [] });
    },
  );
});

describe("what follows from a score", () => {
  it("below 40 thresholds are halved, exactly, and explained", async () => {
    const scenario = createScenario(rules, quiet);
    for (let i = 0; i < 3; i++) await caught(scenario);
    expect(await admitted(scenario, (i) => `account ${i}`)).toBe(3);
    const { windows, reputation } = await scenario.guard.explain("ip", ip, scenario.now());
    expect(reputation).toMatchObject({ level: "low" });
    expect(windows).toMatchObject([
      { window: "brute-force.attempts", count: 3, threshold: 3, windowMs: 5 * minuteMs },
      { window: "brute-force.attempts", count: 3, threshold: 6, windowMs: 30 * minuteMs },
    ]);
  });

  it("above 60 they are doubled, exactly, and not for one account", async () => {
    const scenario = createScenario(rules);
    await busyDays(scenario, 14, 20);
    expect(await stateOf(scenario)).toMatchObject({ level: "high" });
    expect(await admitted(scenario, () => "ada")).toBe(threshold);
    expect(await admitted(scenario, (i) => `account ${i}`)).toBe(threshold);
    scenario.advance(hourMs);
    expect(await admitted(scenario, (i) => `account ${i}`)).toBe(2 * threshold);
  });

  it("one account is refused at its own threshold, and the answer says so", async () => {
    const scenario = createScenario(rules);
    await busyDays(scenario, 14, 20);
    for (let i = 0; i < threshold; i++)
      await scenario.check({ type: "sign-in-attempt", ip, account: "ada", id: `${i}` });
    const refused = await scenario.check({ type: "sign-in-attempt", ip, account: "ada", id: "more" });
    expect(refused).toMatchObject({ reason: "over-limit", limit: { rule: "brute-force", threshold } });
  });

  it("who tries more at one account is detected, and blocked from that account alone", async () => {
    const scenario = createScenario(rules);
    await busyDays(scenario, 14, 20);
    const before = await scoreOf(scenario);
    const outcomes = await scenario.repeat(threshold, { type: "sign-in-failure", ip, account: "ada" });
    expect(outcomes.map(({ detections }) => detections.length)).toEqual([0, 0, 0, 0, 1]);
    expect(outcomes.at(-1)).toMatchObject({
      detections: [
        { rule: "brute-force", scope: "account+ip", value: `ada ${ip}`, evidence: { what: "one-account" } },
      ],
      decision: { action: "block", scope: "account+ip", value: `ada ${ip}` },
    });
    const checked = async (account: string) =>
      (await scenario.check({ type: "sign-in-attempt", ip, account, id: account })).action;
    expect([await checked("ada"), await checked("person 1")]).toEqual(["block", "allow"]);
    expect(await scoreOf(scenario)).toBe(before);
    for (let i = 0; i < threshold; i++)
      await scenario.record({ type: "sign-in-failure", ip, account: `account ${i}` });
    const decided = scenario.guard.decisions(scenario.now()).map(({ scope }) => scope);
    expect(decided.sort()).toEqual(["account+ip", "ip"]);
  });

  it("without an account the share of such tries is the address's own affair", async () => {
    const scenario = createScenario(rules);
    await busyDays(scenario, 14, 20);
    const outcomes = await scenario.repeat(threshold, { type: "sign-in-failure", ip });
    expect(outcomes.at(-1)?.decision).toMatchObject({ scope: "ip", value: ip });
  });

  it("a known device is counted as ever", async () => {
    const scenario = createScenario(rules, quiet);
    for (let i = 0; i < 3; i++) await caught(scenario);
    const step = { type: "sign-in-failure", ip, account: "ada", device: "laptop" } as const;
    const outcomes = await scenario.repeat(threshold, step);
    expect(outcomes.map(({ detections }) => detections.length)).toEqual([0, 0, 0, 0, 1]);
  });

  it("with the rule in monitor nothing follows, and the score is shown", async () => {
    const scenario = createScenario(rules, { ...quiet, reputation: { mode: "monitor" } });
    for (let i = 0; i < 3; i++) await caught(scenario);
    expect(await admitted(scenario, (i) => `account ${i}`)).toBe(threshold);
    expect(await stateOf(scenario)).toMatchObject({ level: "low", mode: "monitor" });
  });

  it("without the rule there is no score at all", async () => {
    const scenario = createScenario([bruteForce], quiet);
    await caught(scenario);
    await busyDays(scenario, 1, 1);
    expect(await stateOf(scenario)).toBeUndefined();
  });

  it("a lifted block brings the score back to neutral, and does not come back at once", async () => {
    const scenario = createScenario(rules, quiet);
    for (let i = 0; i < 8; i++) await caught(scenario);
    const [block] = scenario.guard.decisions(scenario.now());
    expect(block).toMatchObject({ rule: "reputation", origin: "rule", scope: "ip" });
    await scenario.guard.lift(block?.id ?? "", scenario.now());
    expect(await stateOf(scenario)).toMatchObject({ score: 50, level: "neutral", moves: [] });
    expect(await admitted(scenario, (i) => `account ${i}`)).toBe(threshold);
    await caught(scenario);
    expect(scenario.guard.decisions(scenario.now())).toEqual([]);
  });

  it("a lift holds from the next signal on, whoever had blocked", async () => {
    const scenario = createScenario(rules, {
      "brute-force": { threshold: 2, response: { action: "record" } },
    });
    for (let i = 0; i < 3; i++) await caught(scenario);
    const block = { action: "block", scope: "ip", value: ip, origin: "admin", until: null } as const;
    const { id } = await scenario.guard.decide(block, scenario.now());
    await scenario.guard.lift(id, scenario.now());
    const { detections } = await scenario.record({ type: "sign-in-failure", ip, account: "ada" });
    expect(detections).toEqual([]);
  });

  it("each block by reputation is longer than the one before", async () => {
    const scenario = createScenario(rules, { ...quiet, reputation: { windowMs: hourMs } });
    const lengths: number[] = [];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 9; j++) {
        await scenario.repeat(threshold, { type: "sign-in-failure", ip, account: `${i} ${j}` });
        scenario.advance(5 * minuteMs);
      }
      const [block] = scenario.guard.decisions(scenario.now());
      lengths.push(((block?.until ?? 0) - (block?.createdAt ?? 0)) / hourMs);
      scenario.advance(dayMs);
    }
    expect(lengths).toEqual([1, 2, 4]);
  });
});

describe("an attacker", () => {
  it("gains nothing by signing in to an account of his own again and again", async () => {
    const scenario = createScenario(rules);
    for (let day = 0; day < 60; day++) {
      for (let i = 0; i < 50; i++) await scenario.record({ type: "sign-in-success", ip, account: "own" });
      scenario.advance(dayMs);
      expect(await scoreOf(scenario)).toBeLessThan(52);
    }
  });

  it("needs a dozen accounts every day for weeks before a threshold doubles, and loses it when he is caught once", async () => {
    const few = createScenario(rules);
    await busyDays(few, 90, 11);
    expect(await stateOf(few)).toMatchObject({ level: "neutral" });
    const many = createScenario(rules, quiet);
    await busyDays(many, 6, 50);
    expect(await stateOf(many)).toMatchObject({ level: "neutral" });
    await busyDays(many, 30, 50);
    expect(await stateOf(many)).toMatchObject({ level: "high" });
    for (let i = 0; i < 2 * threshold; i++)
      await many.record({ type: "sign-in-failure", ip, account: `account ${i}` });
    expect((await stateOf(many))?.level).toBe("neutral");
  });

  it("cannot make up for a detection of the last day", async () => {
    const scenario = createScenario(rules, quiet);
    await caught(scenario);
    const before = await scoreOf(scenario);
    for (let i = 0; i < 100; i++) await scenario.record({ type: "sign-in-success", ip, account: `own ${i}` });
    expect(await scoreOf(scenario)).toBe(before);
  });

  it("who guesses at one account only never brings the address below 40", async () => {
    const scenario = createScenario(rules, quiet);
    for (let i = 0; i < 200; i++) {
      await scenario.repeat(threshold, { type: "sign-in-failure", ip, account: "ada" });
      scenario.advance(hourMs);
      expect(await scoreOf(scenario)).toBeGreaterThan(40);
    }
  });
});

describe("a shared store", () => {
  /** Two guards on it, as in two processes. */
  function build() {
    const shared = createMemoryWindowStore();
    let calls: (readonly WindowOperation[])[] = [];
    let isAway = false;
    const windows: WindowStore = {
      name: "shared",
      insurance: createMemoryWindowStore(),
      observe: async (operations) => {
        if (isAway) throw new GuardError("STORE_UNAVAILABLE", "gone");
        calls.push(operations);
        return shared.observe(operations);
      },
    };
    const decisions = createMemoryDecisionStore();
    const make = (): Guard =>
      createGuard({ rules: builtInRules, settings: quiet, windows, decisions, onError: () => {} });
    return {
      guards: [make(), make()] as const,
      takeCalls: () => calls.splice(0),
      goAway: () => {
        isAway = true;
        calls = [];
      },
    };
  }

  const at = Date.UTC(2026, 0, 5, 9);
  async function lower(guard: Guard, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      for (let j = 0; j < threshold; j++)
        await guard.record({ type: "sign-in-failure", at: at + i * hourMs, ip, account: `a${i}.${j}` });
    }
  }

  it("tells each process of the score with its next answer, and a sign-in is one call for each signal", async () => {
    const { guards, takeCalls } = build();
    await lower(guards[0], 3);
    takeCalls();
    const later = at + dayMs;
    const signal = { at: later, ip, account: "ada", id: "1" };
    await guards[1].check({ ...signal, type: "request", door: "sign-in" });
    await guards[1].check({ ...signal, type: "sign-in-attempt" });
    await guards[1].record({ ...signal, type: "sign-in-success" });
    const calls = takeCalls();
    expect(calls).toHaveLength(3);
    expect(calls[1]?.find(({ scope }) => scope === "ip")).toMatchObject({ kind: "reserve", limit: 6 });
  });

  it("while it is away every address is neutral, and that is said", async () => {
    const { guards, goAway } = build();
    await lower(guards[0], 3);
    expect((await guards[0].explain("ip", ip, at + dayMs)).reputation).toMatchObject({ level: "low" });
    goAway();
    for (let i = 0; i < 5; i++)
      await guards[0].check({ type: "request", at: at + dayMs, ip: "203.0.113.9", door: "sign-in" });
    expect(guards[0].degraded()).toMatchObject({ reason: "STORE_UNAVAILABLE" });
    const { reputation } = await guards[0].explain("ip", ip, at + dayMs);
    expect(reputation).toMatchObject({
      score: 50,
      level: "neutral",
      unknown: "store-unavailable",
      moves: [],
    });
    let allowed = 0;
    for (let i = 0; i < 10; i++) {
      const signal = { at: at + dayMs, ip, account: `b${i}`, id: `${i}` };
      if ((await guards[0].check({ ...signal, type: "sign-in-attempt" })).action === "allow") allowed++;
    }
    // What outage.test.ts expects of any address: half of 5.
    expect(allowed).toBe(2);
    await guards[0].close();
  });
});
