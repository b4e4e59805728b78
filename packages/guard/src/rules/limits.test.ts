// The limit that a rule states for each of its windows is the one at which it really detects, or really refuses.

import { describe, expect, it } from "vitest";
import type { Limit, Rule, RuleSettings } from "../rule.ts";
import type { Scope } from "../scopes.ts";
import { scopeSignal } from "../signal.ts";
import { createScenario, type Scenario, type Step } from "../testing/scenario.ts";
import { builtInRules } from "./index.ts";

/** How to fill one window of a rule, at one length. */
interface Case {
  readonly window: string;
  /** The length, by the rule's settings. */
  windowMs(settings: RuleSettings): number;
  readonly scope: Scope;
  readonly value: string;
  step(index: number): Step;
  /** `record`: the last one is detected. `check`: the last one finds a place, and the next one none. */
  readonly verb: "record" | "check";
  /** `slow`: just too slowly for the shorter length of the same window. */
  readonly pace: "at-once" | "slow";
  /** Something that keeps a narrower limit from being reached. */
  readonly between?: Step;
}

const ip = "203.0.113.7";
const account = "alice";
const session = "s1";
const ofAddress = { scope: "ip", value: ip } as const;
const ofAccount = { scope: "account", value: account } as const;
const ofSession = { scope: "session", value: session } as const;
const own = (settings: RuleSettings) => settings.windowMs;
const yearMs = 365 * 24 * 3_600_000;

const attempt = () => ({ type: "sign-in-attempt", ip, account }) as const;
const failure = () => ({ type: "sign-in-failure", ip, account }) as const;
const attempts = { step: attempt, verb: "check" } as const;
const failures = { step: failure, verb: "record" } as const;
const atOnce = { windowMs: own, pace: "at-once" } as const;
const sustained = { windowMs: (settings: RuleSettings) => settings.windowMs * 6, pace: "slow" } as const;
const inRow = { windowMs: () => yearMs, pace: "slow" } as const;

const cases: readonly Case[] = [
  { window: "account-guessing.attempts", ...ofAccount, ...attempts, ...atOnce },
  { window: "account-guessing.failures", ...ofAccount, ...failures, ...atOnce },
  {
    ...{ window: "account-guessing.attempts", ...ofAccount, ...attempts, pace: "slow" },
    windowMs: (settings) => settings.windowMs * 96,
    between: { type: "account-recovered", ip, account },
  },
  { window: "account-guessing.attempts", ...ofAccount, ...attempts, ...inRow },
  { window: "account-guessing.failures", ...ofAccount, ...failures, ...inRow },
  {
    ...{ window: "bot-activity.requests", ...ofAddress, ...atOnce, verb: "record" },
    step: () => ({ type: "request", ip, door: "sign-in" }),
  },
  { window: "brute-force.attempts", ...ofAddress, ...attempts, ...atOnce },
  { window: "brute-force.attempts", ...ofAddress, ...attempts, ...sustained },
  { window: "brute-force.failures", ...ofAddress, ...failures, ...atOnce },
  { window: "brute-force.failures", ...ofAddress, ...failures, ...sustained },
  {
    ...{ window: "multiple-devices.devices", ...ofAccount, ...atOnce, verb: "record" },
    step: (index) => ({ type: "sign-in-success", ip, account, device: `d${index}` }),
  },
  {
    ...{ window: "rapid-token-refresh.refreshes", ...ofSession, ...atOnce, verb: "record" },
    step: () => ({ type: "token-refresh", ip, session }),
  },
  {
    ...{ window: "refresh-token-repeat.clients", ...ofSession, ...atOnce, verb: "record" },
    step: (index) => ({ type: "refresh-token-repeat", ip, session, userAgent: `Browser ${index}` }),
  },
  {
    ...{ window: "refresh-token-reuse.reuses", ...ofSession, ...atOnce, verb: "record" },
    step: () => ({ type: "refresh-token-reuse", ip, session }),
  },
  {
    ...{ window: "suspicious-user-agent.agents", ...ofAddress, ...atOnce, verb: "record" },
    step: (index) => ({ type: "request", ip, door: "sign-in", userAgent: `curl/8.${index}` }),
  },
];

/** Windows whose entries are looked at: their number by itself is no reason for anything. */
const withoutThreshold = [
  ["account-guessing", "account-guessing.failures", 96],
  ["geographic-anomaly", "geographic-anomaly.places", 1],
] as const;

const ruleOf = (window: string) => builtInRules.find((rule) => window.startsWith(`${rule.id}.`)) as Rule;

describe.each([
  ["its defaults", {}],
  ["settings of an operator", { threshold: 7, windowMs: 10 * 60_000 }],
])("with %s", (_, changes) => {
  const settingsOf = (rule: Rule): RuleSettings => ({ ...rule.defaults, ...changes });

  it.each(
    cases.map(
      (one) =>
        [
          `${one.window}, ${one.pace}, in ${one.windowMs(settingsOf(ruleOf(one.window))) / 1000} s`,
          one,
        ] as const,
    ),
  )("%s: says the limit at which it acts", async (_name, one) => {
    const rule = ruleOf(one.window);
    const settings = settingsOf(rule);
    const scenario = createScenario([rule], { [rule.id]: changes });
    const windowMs = one.windowMs(settings);
    const threshold = stated(rule, settings, one.window, windowMs);
    const spacingMs = one.pace === "slow" ? settings.windowMs / (settings.threshold - 1) : 0;
    for (let i = 0; i < threshold - 1; i++) {
      const quiet = await scenario[one.verb](one.step(i));
      expect([quiet.action, quiet.detections]).toEqual(["allow", []]);
      if (one.between && i % 50 === 49) await scenario.record(one.between);
      scenario.advance(spacingMs);
    }
    const before = { rule: rule.id, window: one.window, windowMs, threshold };
    if (threshold > 1)
      expect(await explained(scenario, one)).toContainEqual(
        expect.objectContaining({ ...before, count: threshold - 1 }),
      );
    const last = await scenario[one.verb](one.step(threshold - 1));
    expect(await explained(scenario, one)).toContainEqual(
      expect.objectContaining({ ...before, count: threshold }),
    );
    expect(last.action).toBe("allow");
    if (one.verb === "record") {
      expect(last.detections).toMatchObject([
        { rule: rule.id, scope: one.scope, evidence: { count: threshold, threshold } },
      ]);
    } else {
      expect(last.detections).toEqual([]);
      scenario.advance(spacingMs);
      expect((await scenario.check(one.step(threshold))).action).not.toBe("allow");
    }
  });

  it("every limit that a rule states is tried here, and none besides", () => {
    const key = (limit: Limit) => `${limit.window} ${limit.windowMs}`;
    const all = builtInRules.flatMap((rule) => rule.limits(settingsOf(rule)));
    const tried = cases.map((one) => `${one.window} ${one.windowMs(settingsOf(ruleOf(one.window)))}`);
    expect(tried.toSorted()).toEqual(
      all
        .filter((limit) => limit.threshold !== undefined)
        .map(key)
        .toSorted(),
    );
    const free = withoutThreshold.map(
      ([id, window, windows]) =>
        `${window} ${settingsOf(builtInRules.find((rule) => rule.id === id) as Rule).windowMs * windows}`,
    );
    expect(free).toEqual(all.filter((limit) => limit.threshold === undefined).map(key));
  });

  it("every window that a rule counts in is among its limits, at each length", () => {
    let seen = 0;
    for (const { window, step } of [
      ...cases,
      { window: "geographic-anomaly.places", step: signInSomewhere },
    ]) {
      const rule = ruleOf(window);
      const lengths = rule.limits(settingsOf(rule)).map((limit) => `${limit.window} ${limit.windowMs}`);
      for (const operation of rule.observe(
        scopeSignal({ ...step(0), at: 1 }, () => "id"),
        settingsOf(rule),
      )) {
        if (!("windowMs" in operation)) continue;
        const paces =
          "id" in operation ? [operation.burst, "backoff" in operation ? operation.backoff : undefined] : [];
        for (const { windowMs } of [operation, ...paces.filter((pace) => pace !== undefined)]) {
          expect(lengths).toContain(`${operation.window} ${windowMs}`);
          seen++;
        }
      }
    }
    expect(seen).toBeGreaterThan(cases.length);
  });
});

it("the sign-ins that geographic-anomaly compares stand against no number", async () => {
  const [rule, scenario] = [ruleOf("geographic-anomaly.places"), createScenario(builtInRules)];
  await scenario.repeat(3, signInSomewhere());
  const { windows } = await scenario.guard.explain("account", account, scenario.now());
  expect(windows.find((one) => one.rule === rule.id)).toEqual({
    ...{ rule: rule.id, window: "geographic-anomaly.places", count: 1, windowMs: rule.defaults.windowMs },
    ...{ oldestAt: scenario.now(), emptyAt: scenario.now() + rule.defaults.windowMs },
  });
});

function signInSomewhere(): Step {
  return { type: "sign-in-success", ip, account, place: { country: "DE" } };
}

function stated(rule: Rule, settings: RuleSettings, window: string, windowMs: number): number {
  const found = rule.limits(settings).find((limit) => limit.window === window && limit.windowMs === windowMs);
  expect(found?.threshold).toBeGreaterThan(0);
  return found?.threshold as number;
}

async function explained({ guard, now }: Scenario, { scope, value }: Case) {
  return (await guard.explain(scope, value, now())).windows;
}
