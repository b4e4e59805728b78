// Reputation over weeks: an office that mistypes is never blocked for it, a scanner is, and the clock is simulated.

import { describe, expect, it } from "vitest";
import { builtInRules } from "./rules/index.ts";
import { type Curve, drawCurves } from "./test-curve.ts";
import { createRandom } from "./testing/random.ts";
import { createScenario, type Scenario } from "./testing/scenario.ts";

const ip = "203.0.113.7";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

type Point = Curve["points"][number];

const scoreOf = async ({ guard, now }: Scenario) =>
  (await guard.explain("ip", ip, now())).reputation?.score ?? Number.NaN;

/** Through the gate and the record, as a server does it. @returns whether the gate let it pass */
async function signIn(scenario: Scenario, account: string, isRight: boolean, id: string): Promise<boolean> {
  const fact = { ip, account, id, userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0" };
  const request = await scenario.check({ ...fact, id: `${id} request`, type: "request", door: "sign-in" });
  if (request.action !== "allow") return false;
  const attempt = await scenario.check({ ...fact, type: "sign-in-attempt" });
  if (attempt.action !== "allow") return false;
  await scenario.record({ ...fact, type: isRight ? "sign-in-success" : "sign-in-failure" });
  return true;
}

interface Office {
  readonly seed: number;
  readonly people: number;
  /** Share of attempts that are mistyped. */
  readonly typos: number;
  /** Somebody who has forgotten the password on this weekday, and tries until nothing goes any more. */
  readonly forgetsOn?: number;
}

/**
 * Everybody signs in when the day begins, after lunch, and perhaps once more, from browsers that no account knows: the hardest
 * case, as known devices are counted by themselves. Whoever mistypes tries again ten seconds later.
 */
async function month({ seed, people, typos, forgetsOn }: Office) {
  const random = createRandom(seed);
  const scenario = createScenario(builtInRules);
  const found = {
    attempts: 0,
    mistyped: 0,
    refused: 0,
    lowest: 50,
    highest: 50,
    detections: 0,
    byReputation: 0,
  };
  const aroundMs = (hour: number, spreadMs: number) =>
    hour * hourMs + ((random() + random() + random()) / 1.5 - 1) * spreadMs;
  const curve: Point[] = [{ days: 0, score: 50 }];
  let now = 0;
  for (let day = 0; day < 30; day++) {
    if (day % 7 > 4) continue;
    const plan: { at: number; person: number; forgets?: boolean }[] = [];
    for (let person = 0; person < people; person++) {
      plan.push({ at: aroundMs(9, 40 * minuteMs), person }, { at: aroundMs(13, 40 * minuteMs), person });
      if (random() < 0.5) plan.push({ at: aroundMs(11, 6 * hourMs), person });
    }
    if (day % 7 === forgetsOn) plan.push({ at: 10 * hourMs, person: 0, forgets: true });
    plan.sort((one, other) => one.at - other.at);
    for (const { at, person, forgets } of plan) {
      for (let attempt = 0; attempt < (forgets ? 6 : 5); attempt++) {
        const due = day * dayMs + at + attempt * 10_000;
        if (due > now) {
          scenario.advance(due - now);
          now = due;
        }
        const isRight = !forgets && random() >= typos;
        found.attempts++;
        if (!isRight) found.mistyped++;
        const passed = await signIn(
          scenario,
          `person ${person}`,
          isRight,
          `${day} ${at} ${person} ${attempt}`,
        );
        if (!passed) found.refused++;
        if (isRight || !passed) break;
      }
    }
    const score = await scoreOf(scenario);
    curve.push({ days: now / dayMs, score });
    found.lowest = Math.min(found.lowest, score);
    found.highest = Math.max(found.highest, score);
  }
  found.detections = scenario.events.flatMap(({ detections }) => detections).length;
  found.byReputation = scenario.events.filter(({ decision }) => decision?.rule === "reputation").length;
  return { ...found, curve };
}

describe("an office of 40 behind one address, where 6 % of all attempts are mistyped", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is never blocked in a month, and earns a good name (seed %i)",
    async (seed) => {
      const found = await month({ seed, people: 40, typos: 0.06 });
      expect(found.mistyped / found.attempts).toBeGreaterThan(0.04);
      expect(found.mistyped).toBeGreaterThan(80);
      expect(found).toMatchObject({ refused: 0, detections: 0, byReputation: 0 });
      expect(found.lowest).toBeGreaterThanOrEqual(50);
      expect(found.highest).toBeGreaterThan(60);
    },
  );

  it.each([11, 12, 13])(
    "keeps above 40 when one of them forgets the password every Monday (seed %i)",
    async (seed) => {
      const found = await month({ seed, people: 40, typos: 0.06, forgetsOn: 0 });
      // brute-force blocks for an hour, as it does without reputation, and that is all.
      expect(found.detections).toBeGreaterThan(2);
      expect(found.byReputation).toBe(0);
      expect(found.lowest).toBeGreaterThan(40);
    },
  );
});

interface Caught extends Point {
  readonly blockedHours: number;
  readonly rule: string | undefined;
}

/** Guesses at ever new accounts, once a second and as soon as it is let. */
async function scan(days: number) {
  const scenario = createScenario(builtInRules);
  const begin = scenario.now();
  const daysFrom = () => (scenario.now() - begin) / dayMs;
  const caught: Caught[] = [];
  const curve: Point[] = [{ days: 0, score: 50 }];
  for (let i = 0; daysFrom() < days; i++) {
    if (await signIn(scenario, `victim ${i}`, false, `${i}`)) {
      scenario.advance(1000);
      continue;
    }
    const blocks = scenario.guard.decisions(scenario.now()).filter(({ value }) => value === ip);
    const until = Math.max(...blocks.map((one) => one.until ?? 0));
    const blockedMs = until - scenario.now();
    caught.push({
      days: daysFrom(),
      score: await scoreOf(scenario),
      blockedHours: blockedMs / hourMs,
      rule: blocks.find((one) => one.until === until)?.rule,
    });
    curve.push({ days: daysFrom(), score: await scoreOf(scenario) });
    scenario.advance(blockedMs);
    curve.push({ days: daysFrom(), score: await scoreOf(scenario) });
  }
  return { caught, curve };
}

describe("a scanner", () => {
  it("that goes on at ever new accounts falls below 40, then below 20, and is blocked for longer and longer, up to a day", async () => {
    const { caught } = await scan(10);
    const firstBelow = (score: number) => caught.findIndex((one) => one.score < score);
    expect(firstBelow(40)).toBe(2);
    expect(caught[2]?.days).toBeLessThan(0.2);
    expect(firstBelow(20)).toBe(7);
    expect(caught[7]?.days).toBeLessThan(4);
    expect(caught.slice(0, 7).map(({ rule }) => rule)).toEqual(Array(7).fill("brute-force"));
    expect(caught.slice(7).map(({ rule }) => rule)).toEqual(Array(caught.length - 7).fill("reputation"));
    const hours = caught.map(({ blockedHours }) => Math.round(blockedHours));
    expect(hours).toEqual([1, 2, 4, 8, 16, ...Array(hours.length - 5).fill(24)]);
  });

  it("and an office look as docs/reputation.svg shows them", async () => {
    const days = 28;
    const office = (await month({ seed: 1, people: 40, typos: 0.06 })).curve;
    const scanner = (await scan(days)).curve;
    const until = (curve: readonly Point[]) => curve.filter((point) => point.days <= days);
    const drawn = drawCurves(
      "Scores over four weeks",
      [
        { name: "an office of 40", colour: "#0a7d33", points: until(office) },
        { name: "a scanner", colour: "#b3261e", points: until(scanner) },
      ],
      days,
    );
    await expect(drawn).toMatchFileSnapshot("../../../docs/reputation.svg");
  });
});

interface Campaign {
  /** On how many days before, and then each morning, this many accounts of his own sign in. */
  readonly days: number;
  readonly own: number;
  /** How often he tries. */
  readonly everyMs: number;
}

/** Guesses at one account for a week, as often as he is let. */
async function guessAtOne({ days, own, everyMs }: Campaign) {
  const scenario = createScenario(builtInRules);
  const signInAll = async (day: number) => {
    for (let i = 0; i < own; i++) await signIn(scenario, `own ${i}`, true, `own ${day} ${i}`);
  };
  for (let day = 0; day < days; day++) {
    await signInAll(day);
    scenario.advance(dayMs);
  }
  const score = await scoreOf(scenario);
  let guesses = 0;
  for (let day = 0; day < 7; day++) {
    await signInAll(days + day);
    for (let passed = 0; passed < dayMs; passed += everyMs) {
      if (await signIn(scenario, "victim", false, `guess ${day} ${passed}`)) guesses++;
      scenario.advance(everyMs);
    }
  }
  const detections = scenario.events.flatMap((event) => event.detections);
  const byBruteForce = detections.filter(({ rule }) => rule === "brute-force").length;
  return { score, guesses, byBruteForce };
}

describe("an attacker whose own accounts have given his address a good name", () => {
  it.each([10, 60, 170])(
    "has not one guess more at one account, tried every %i s, and is detected as often",
    async (seconds) => {
      const everyMs = seconds * 1000;
      const stranger = await guessAtOne({ days: 0, own: 0, everyMs });
      const known = await guessAtOne({ days: 14, own: 20, everyMs });
      expect(known.score).toBeGreaterThan(60);
      expect(known).toEqual({ ...stranger, score: known.score });
      // Ten at most for one detection.
      expect(known.byBruteForce * 10).toBeGreaterThanOrEqual(known.guesses);
    },
  );
});
