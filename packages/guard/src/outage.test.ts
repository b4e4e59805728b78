// What happens while the window store is away: each rule as it says, nobody waits, and it ends by itself.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { Degraded } from "./breaker.ts";
import { createGuard } from "./engine.ts";
import { GuardError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import { accountGuessing, bruteForce, builtInRules } from "./rules/index.ts";
import type { RuleOverrides } from "./settings.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";
import type { WindowStore } from "./stores/window-store.ts";

const ip = "203.0.113.7";
const at = 1e12;
const away = () => Promise.reject(new GuardError("STORE_UNAVAILABLE", "gone"));

/** A shared store that can be taken away. */
function build({
  settings = {},
  rules = builtInRules,
}: {
  settings?: RuleOverrides;
  rules?: typeof builtInRules;
} = {}) {
  const shared = createMemoryWindowStore();
  const errors: unknown[] = [];
  const changes: (Degraded | undefined)[] = [];
  let calls = 0;
  let observe: WindowStore["observe"] = shared.observe;
  const guard = createGuard({
    rules,
    settings,
    windows: {
      name: "shared",
      insurance: createMemoryWindowStore(),
      observe(operations) {
        calls++;
        return observe(operations);
      },
    },
    decisions: createMemoryDecisionStore(),
    storeTimeoutMs: 20,
    onError: (error) => errors.push(error),
    onDegraded: (degraded) => changes.push(degraded),
  });
  const use = (next: WindowStore["observe"]) => {
    observe = next;
  };
  return { guard, errors, changes, use, comeBack: () => use(shared.observe), calls: () => calls };
}

const guess = async (guard: Guard, count: number, from = ip) => {
  let allowed = 0;
  for (let i = 0; i < count; i++) {
    const signal = { at: at + i, ip: from, account: "alice", id: `guess ${i}` };
    if ((await guard.check({ ...signal, type: "sign-in-attempt" })).action !== "allow") continue;
    allowed++;
    await guard.record({ ...signal, type: "sign-in-failure" });
  }
  return allowed;
};

afterEach(() => {
  vi.useRealTimers();
});

describe("a rule that is insured", () => {
  it("counts in this process with half its threshold, and blocks", async () => {
    const { guard, use } = build();
    use(away);
    expect(await guess(guard, 20)).toBe(2);
    expect(guard.decisions(at + 30)).toMatchObject([{ action: "block", rule: "brute-force", value: ip }]);
    await guard.close();
  });

  it("admits exactly that many of 50 side by side", async () => {
    const { guard, use } = build({ rules: [bruteForce] });
    use(away);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => guard.check({ type: "sign-in-attempt", at, ip, id: `t${i}` })),
    );
    expect(answers.filter(({ action }) => action === "allow")).toHaveLength(2);
    expect(answers.every(({ reason }) => reason !== "store-unavailable")).toBe(true);
    await guard.close();
  });

  it("has a threshold of at least one", async () => {
    const { guard, use } = build({ settings: { "brute-force": { threshold: 1 } } });
    use(away);
    expect(await guess(guard, 5)).toBe(1);
    await guard.close();
  });
});

it("an attempt that was counted alone gives its place back, wherever its end is counted", async () => {
  const { guard, use, comeBack } = build();
  for (let i = 0; i < 8; i++) {
    const signal = { at: at + i, ip, account: `employee ${i}`, id: `attempt ${i}` };
    use(away);
    expect(await guard.check({ ...signal, type: "sign-in-attempt" })).toMatchObject({ action: "allow" });
    comeBack();
    await guard.record({ ...signal, type: i % 2 ? "sign-in-success" : "sign-in-abandoned" });
  }
  await guard.close();
});

it("a refused attempt holds no place of those that were counted alone", async () => {
  const rules = [bruteForce, accountGuessing];
  const { guard, use, comeBack } = build({ rules, settings: { "account-guessing": { threshold: 1 } } });
  use(away);
  // Of this one nobody knows yet what comes of it.
  await guard.check({ type: "sign-in-attempt", at, ip: "203.0.113.8", account: "alice" });
  for (let i = 0; i < 8; i++) {
    use(away);
    const refused = guard.check({ type: "sign-in-attempt", at, ip, account: "alice", id: `refused ${i}` });
    comeBack();
    expect(await refused).toMatchObject({ reason: "over-limit", limit: { rule: "account-guessing" } });
  }
  use(away);
  expect(await guard.check({ type: "sign-in-attempt", at, ip })).toMatchObject({ action: "allow" });
  await guard.close();
});

describe("other rules", () => {
  it("refuse with a reason of its own when they are told to, and only what they would have counted", async () => {
    const { guard, use } = build({ settings: { "brute-force": { outage: "refuse" } } });
    use(away);
    const attempt = await guard.check({ type: "sign-in-attempt", at, ip });
    expect(attempt).toMatchObject({ action: "delay", reason: "store-unavailable" });
    expect((await guard.check({ type: "request", at, ip, userAgent: "Firefox" })).action).toBe("allow");
    await guard.close();
  });

  it("let everything pass when they are told to", async () => {
    const { guard, use } = build({ rules: [bruteForce], settings: { "brute-force": { outage: "allow" } } });
    use(away);
    expect(await guess(guard, 20)).toBe(20);
    await guard.close();
  });

  it("are not told to by a word that is none of the three", () => {
    const settings = { "brute-force": { outage: "ignore" } } as unknown as RuleOverrides;
    expect(() => build({ settings })).toThrow(/brute-force.outage: must be insurance or allow or refuse/);
  });
});

describe("the breaker", () => {
  it("asks no more after five failures in a row, tells of it once, and says why and since when", async () => {
    const { guard, use, calls, errors, changes } = build({ rules: [bruteForce] });
    use(away);
    for (let i = 0; i < 30; i++) await guard.record({ type: "sign-in-failure", at, ip: `203.0.113.${i}` });
    expect(calls()).toBe(5);
    expect(changes).toEqual([{ reason: "STORE_UNAVAILABLE", since: at }]);
    expect(guard.degraded()).toEqual(changes[0]);
    expect(errors).toHaveLength(2);
    await guard.close();
  });

  it("stays shut while fewer fail, or others succeed in between", async () => {
    const { guard, use, comeBack } = build({ rules: [bruteForce] });
    for (let i = 0; i < 20; i++) {
      if (i % 5 < 4) use(away);
      else comeBack();
      await guard.record({ type: "sign-in-failure", at, ip: `203.0.113.${i}` });
    }
    expect(guard.degraded()).toBeUndefined();
    await guard.close();
  });

  it("waits for a store that hangs as long as it may, and then not at all", async () => {
    const { guard, use } = build({ rules: [bruteForce] });
    use(() => new Promise(() => {}));
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        guard.record({ type: "sign-in-failure", at, ip: `203.0.113.${i}` }),
      ),
    );
    expect(guard.degraded()?.reason).toBe("STORE_TIMEOUT");
    expect(guard.check({ type: "sign-in-attempt", at, ip })).not.toBeInstanceOf(Promise);
    await guard.close();
  });

  it("uses the store again as soon as it takes a write, with everything that it had counted", async () => {
    vi.useFakeTimers();
    const { guard, use, comeBack, changes } = build({ rules: [bruteForce] });
    for (let i = 0; i < 3; i++) await guard.record({ type: "sign-in-failure", at, ip, account: "alice" });
    use(away);
    for (let i = 0; i < 9; i++)
      await guard.record({ type: "sign-in-failure", at, ip: `203.0.113.${100 + i}` });
    await vi.advanceTimersByTimeAsync(2000);
    expect(guard.degraded()).toBeDefined();
    comeBack();
    await vi.advanceTimersByTimeAsync(500);
    expect(guard.degraded()).toBeUndefined();
    expect(changes).toEqual([expect.objectContaining({ since: at }), undefined]);
    await guard.record({ type: "sign-in-failure", at: at + 1, ip, account: "alice" });
    const fifth = await guard.record({ type: "sign-in-failure", at: at + 2, ip, account: "alice" });
    expect(fifth.decision).toMatchObject({ action: "block", value: ip });
    await guard.close();
  });
});

it("a decision that is lifted is forgotten in both stores, also while one is away", async () => {
  const { guard, use } = build({ rules: [bruteForce] });
  use(away);
  await guess(guard, 10);
  const [decision] = guard.decisions(at + 20);
  expect(await guard.lift(decision?.id ?? "", at + 20)).toEqual(decision);
  const explained = await guard.explain("ip", ip, at + 21);
  expect(explained).toMatchObject({ decisions: [], windows: [] });
  await guard.close();
});
