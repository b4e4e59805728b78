// account-guessing: threshold, waits, edges, scopes, ten thousand addresses at one account, and what it does not see.

import { describe, expect, it } from "vitest";
import type { Detection } from "../detection.ts";
import type { Outcome } from "../guard.ts";
import { createScenario, type Scenario, type Step } from "../testing/scenario.ts";
import { accountGuessing } from "./account-guessing.ts";
import { builtInRules } from "./index.ts";

const { threshold, windowMs } = accountGuessing.defaults;
const minuteMs = 60_000;
const longestRow = 100;

describe("account-guessing", () => {
  it("detects at the threshold, wherever the guesses come from, and makes untrusted clients wait for a minute", async () => {
    const scenario = createScenario([accountGuessing]);
    const outcomes = await fail(scenario, threshold);
    expect(detections(outcomes)).toMatchObject([
      {
        rule: "account-guessing",
        scope: "account",
        value: "alice",
        evidence: { count: threshold, threshold },
      },
    ]);
    expect(outcomes.at(-1)?.decision).toMatchObject({ action: "delay", scope: "account", value: "alice" });
    const next = await scenario.check(attempt({ ip: "192.0.2.1" }));
    expect(next).toMatchObject({ action: "delay", reason: "decision", retryAfterMs: minuteMs });
  });

  it("detects nothing one below the threshold", async () => {
    const scenario = createScenario([accountGuessing]);
    expect(detections(await fail(scenario, threshold - 1))).toEqual([]);
  });

  it.each([
    ["still counts a failure in the last millisecond of the window", windowMs - 1, 1],
    ["no longer counts a failure when the window is over", windowMs, 0],
  ])("%s", async (_, afterMs, expected) => {
    const scenario = createScenario([accountGuessing]);
    await scenario.record(failure());
    scenario.advance(afterMs);
    expect(detections(await fail(scenario, threshold - 1))).toHaveLength(expected);
  });

  it("does not mix accounts", async () => {
    const scenario = createScenario([accountGuessing]);
    for (const account of ["alice", "bob"]) {
      const steps = Array.from({ length: threshold - 1 }, () => scenario.record(failure({ account })));
      expect(detections(await Promise.all(steps))).toEqual([]);
    }
  });

  it("leaves a busy office behind one address alone", async () => {
    const scenario = createScenario([accountGuessing]);
    for (let person = 0; person < 200; person++) {
      const step = failure({ account: `person-${person}`, ip: "192.0.2.1" });
      expect(detections([await scenario.record(step)])).toEqual([]);
    }
  });

  it("doubles the wait with each failure from one minute to fifteen, and lets one attempt through after each", async () => {
    const scenario = createScenario([accountGuessing]);
    await guess(scenario, threshold);
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      const refused = await scenario.check(attempt());
      expect(refused.action).toBe("delay");
      waits.push(refused.retryAfterMs / minuteMs);
      scenario.advance(refused.retryAfterMs - 1);
      expect((await scenario.check(attempt())).action).toBe("delay");
      scenario.advance(1);
      expect(await guess(scenario, 20)).toBe(1);
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it("lets exactly the threshold of 1,000 parallel guesses from as many addresses through", async () => {
    const scenario = createScenario([accountGuessing]);
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => scenario.check(attempt())));
    expect(outcomes.filter(({ action }) => action === "allow")).toHaveLength(threshold);
  });

  it("10,000 addresses with 3 guesses each get no more than 100 through, and the owner on a known device always gets in", async () => {
    const scenario = createScenario(builtInRules);
    const owner = { ip: "192.0.2.1", account: "alice", device: "laptop" };
    let through = 0;
    // Three days. The owner mistypes now and then on a known device, which is no proof, and is never refused.
    for (let address = 0; address < 10_000; address++) {
      through += await guess(scenario, 3, `10.${address >> 8}.${address & 255}.1`);
      scenario.advance((3 * 24 * 60 * minuteMs) / 10_000);
      if (address % 100 > 0) continue;
      const id = `owner-${address}`;
      expect((await scenario.check({ ...owner, type: "request", door: "sign-in" })).action).toBe("allow");
      expect((await scenario.check({ ...owner, type: "sign-in-attempt", id })).action).toBe("allow");
      await scenario.record({ ...owner, type: "sign-in-failure", id });
    }
    expect(through).toBe(longestRow);
  });

  it("an owner who signs in each hour on a known device leaves strangers the pace of the waits", async () => {
    const scenario = createScenario(builtInRules);
    const hours = 72;
    let through = 0;
    for (let hour = 0; hour < hours; hour++) {
      for (let minute = 0; minute < 60; minute++, scenario.advance(minuteMs)) {
        through += await guess(scenario, 2, `10.${hour}.${minute}.1`);
      }
      const owner = { ip: "192.0.2.1", account: "alice", device: "laptop", id: `owner-${hour}` };
      expect((await scenario.check({ ...owner, type: "sign-in-attempt" })).action).toBe("allow");
      await scenario.record({ ...owner, type: "sign-in-success" });
    }
    // Each day ten at once, four more while the wait grows to its length, then four an hour.
    expect(through).toBeGreaterThan(longestRow);
    expect(through).toBeLessThanOrEqual(3 * (threshold + 4) + hours * 4);
  });

  it("after 100 failures in a row asks untrusted clients for another proof, for good, and says so once", async () => {
    const scenario = createScenario([accountGuessing]);
    const outcomes: Outcome[] = [];
    while (outcomes.length < longestRow) {
      outcomes.push(await scenario.record(failure()));
      scenario.advance(2 * 60 * minuteMs);
    }
    expect(detections(outcomes)).toMatchObject([{ severity: "high", evidence: { count: longestRow } }]);
    scenario.advance(30 * 24 * 60 * minuteMs);
    expect(await scenario.check(attempt())).toMatchObject({ action: "step-up", reason: "decision" });
  });

  it("gives a locked account the answers of any other, also after 100 failures", async () => {
    const scenario = createScenario([accountGuessing]);
    const locked = { action: "lock", scope: "account", value: "bob", until: null, origin: "admin" } as const;
    await scenario.guard.decide(locked, scenario.now());
    const answers: { [account: string]: string[] } = { alice: [], bob: [] };
    for (let round = 0; round < 150; round++, scenario.advance(round < 30 ? minuteMs : 15 * minuteMs)) {
      for (const account of ["alice", "bob"]) {
        const step = attempt({ account });
        const { action, retryAfterMs } = await scenario.check(step);
        const checked = action === "allow" || action === "lock";
        answers[account]?.push(
          checked ? "wrong password" : `${action} ${refusalSeconds(action, retryAfterMs)}`,
        );
        if (checked) await scenario.record({ ...step, type: "sign-in-failure" });
      }
    }
    expect(answers.bob).toEqual(answers.alice);
    expect(new Set(answers.alice).size).toBeGreaterThan(2);
  });

  it("the owner's sign-in on a known device ends the row and the step-up, and gives strangers no new burst", async () => {
    const scenario = createScenario([accountGuessing]);
    await exhaust(scenario);
    await scenario.record({ type: "sign-in-success", ip: "192.0.2.1", account: "alice", device: "laptop" });
    expect(scenario.guard.decisions(scenario.now()).map(({ action }) => action)).not.toContain("step-up");
    scenario.advance(15 * minuteMs);
    expect(await guess(scenario, 20)).toBe(1);
  });

  it("a proof by mail ends the step-up, and so does a right password the waits", async () => {
    const scenario = createScenario([accountGuessing]);
    await exhaust(scenario);
    await scenario.record({ type: "account-recovered", ip: "192.0.2.1", account: "alice" });
    scenario.advance(15 * minuteMs);
    const step = attempt();
    expect((await scenario.check(step)).action).toBe("allow");
    await scenario.record({ ...step, type: "sign-in-success", device: "phone", newDevice: true });
    expect(scenario.guard.decisions(scenario.now())).toEqual([]);
    expect(await guess(scenario, 20)).toBe(threshold);
  });

  it("neither counts what cannot be guessed nor lets it wait, and a right one is a proof; an address block stands", async () => {
    const scenario = createScenario(builtInRules);
    for (let i = 0; i < 20; i++) {
      const step = attempt({ unguessable: true });
      expect((await scenario.check(step)).action).toBe("allow");
      await scenario.record({ ...step, type: "sign-in-failure" });
    }
    await exhaust(scenario);
    const step = attempt({ unguessable: true, ip: "192.0.2.1" });
    expect((await scenario.check(step)).action).toBe("allow");
    await scenario.record({ ...step, type: "sign-in-success" });
    expect(scenario.guard.decisions(scenario.now()).map(({ action }) => action)).not.toContain("step-up");
    const blocked = { type: "sign-in-failure", ip: "192.0.2.2", account: "bob" } as const;
    await scenario.repeat(5, blocked);
    expect((await scenario.check(attempt({ unguessable: true, ip: "192.0.2.2" }))).action).toBe("block");
  });

  it("gives the place of an abandoned attempt back", async () => {
    const scenario = createScenario([accountGuessing]);
    for (let i = 0; i < 200; i++) {
      const step = attempt();
      expect((await scenario.check(step)).action).toBe("allow");
      await scenario.record({ ...step, type: "sign-in-abandoned" });
    }
  });

  it("known gap: one guess at each of many accounts is not seen", async () => {
    const scenario = createScenario([accountGuessing]);
    for (let account = 0; account < 200; account++) {
      expect(detections([await scenario.record(failure({ account: `account-${account}` }))])).toEqual([]);
    }
  });
});

let made = 0;
/** From another address each time. */
const failure = (signal: Partial<Step> = {}): Step => {
  made++;
  return {
    type: "sign-in-failure",
    ip: `198.51.${(made >> 8) & 255}.${made & 255}`,
    account: "alice",
    id: `${made}`,
    ...signal,
  };
};
const attempt = (signal: Partial<Step> = {}): Step => failure({ type: "sign-in-attempt", ...signal });

const fail = (scenario: Scenario, times: number): Promise<Outcome[]> =>
  Promise.all(Array.from({ length: times }, () => scenario.record(failure())));

/** Side by side; each that gets through is wrong. How many got through. */
async function guess(scenario: Scenario, times: number, ip?: string): Promise<number> {
  const steps = Array.from({ length: times }, () => attempt(ip === undefined ? {} : { ip }));
  const outcomes = await Promise.all(steps.map((step) => scenario.check(step)));
  const through = steps.filter((_, index) => outcomes[index]?.action === "allow");
  for (const step of through) await scenario.record({ ...step, type: "sign-in-failure" });
  return through.length;
}

async function exhaust(scenario: Scenario): Promise<void> {
  let through = 0;
  for (; through < longestRow; scenario.advance(15 * minuteMs)) through += await guess(scenario, 20);
  expect((await scenario.check(attempt())).action).toBe("step-up");
}

/** A step-up tells no time. */
const refusalSeconds = (action: string, ms: number): number => (action === "delay" ? ms / 1000 : 0);

function detections(outcomes: readonly Outcome[]): Detection[] {
  return outcomes.flatMap((outcome) => outcome.detections);
}
