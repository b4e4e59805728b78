// Whatever a signal holds, the engine answers with an outcome or calls it invalid, and what it keeps stays small.

import fc from "fast-check";
import { expect, it } from "vitest";
import { createPlaceLookup, defaultPlaceDatabase } from "./client/place.ts";
import { createGuard } from "./engine.ts";
import { GuardError } from "./errors.ts";
import type { SecurityEvent } from "./event.ts";
import type { Guard, Outcome } from "./guard.ts";
import { builtInRules } from "./rules/index.ts";
import { maxFieldLength, type Signal, signalTypes } from "./signal.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";

const now = 1_795_000_000_000;
const loneSurrogate = "\ud800";
const huge = "x".repeat(100_000);
const oddText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\0",
    loneSurrogate,
    huge,
    `${huge}${loneSurrogate}`,
    "__proto__",
    "constructor",
    "a b",
  ),
  fc.constantFrom("*", "{a}", "\n", "' or 1=1 --", "../../etc/passwd"),
);
const oddNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, -1, 2 ** 48, 8.64e15, 1e300, 0.5),
);
const mostly = <Value, Odd>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Odd>) =>
  fc.oneof({ weight: 20, arbitrary: usual as fc.Arbitrary<Value | Odd> }, { weight: 1, arbitrary: odd });
const anything = fc.oneof(
  oddText,
  oddNumber,
  fc.constantFrom(null, undefined, true, [], {}, () => "", 1n, Symbol("s")),
);
const text = fc.option(mostly(fc.constantFrom("a", "b", "c"), anything), { nil: undefined });
const place = fc.record(
  {
    country: oddText,
    city: oddText,
    network: oddText,
    asn: oddNumber,
    latitude: oddNumber,
    longitude: oddNumber,
  },
  { requiredKeys: [] },
);

/** As untyped code may send it. */
const oddSignal = fc.record({
  type: mostly(fc.constantFrom(...signalTypes), anything),
  at: mostly(fc.integer({ min: now, max: now + 600_000 }), anything),
  ip: mostly(fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "::ffff:192.0.2.1"), anything),
  id: text,
  account: text,
  device: text,
  session: text,
  userAgent: mostly(fc.constantFrom("curl/8", "sqlmap/1.8", undefined), anything),
  method: text,
  path: text,
  door: text,
  status: mostly(fc.constantFrom(200, 401), anything),
  place: fc.option(mostly(place, anything), { nil: undefined }),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<Signal>;

/** Undefined when the signal was called invalid; any other throw fails the test. */
async function answer(ask: Guard["check"], signal: Signal): Promise<Outcome | undefined> {
  try {
    return await ask(signal);
  } catch (error) {
    if (error instanceof GuardError && error.code === "INVALID_SIGNAL") return undefined;
    throw error;
  }
}

it("an odd signal gets an outcome or INVALID_SIGNAL, from an allowed source too, and leaves little behind", async () => {
  const lookUp = await createPlaceLookup({ databases: [defaultPlaceDatabase()] });
  let answered = 0;
  const run = async (signals: Signal[], allowed: boolean) => {
    const events: SecurityEvent[] = [];
    const windows = createMemoryWindowStore({ maxValues: 20 });
    const decisions = createMemoryDecisionStore({ maxDecisions: 5 });
    const guard = createGuard({
      rules: builtInRules,
      settings: { "brute-force": { threshold: 2 } },
      windows,
      decisions,
      onError: (error) => {
        throw error;
      },
      sinks: [{ name: "test", write: (event) => void events.push(event) }],
      place: lookUp,
    });
    if (allowed) {
      const allow = {
        action: "allow",
        scope: "ip",
        value: "192.0.2.1",
        until: null,
        origin: "admin",
      } as const;
      await guard.decide(allow, now);
    }
    for (const signal of signals) {
      for (const ask of [guard.check, guard.record]) {
        const outcome = await answer(ask, signal);
        if (outcome) answered++;
      }
    }
    await guard.flush();
    for (const event of events) {
      expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(new Date(event.at).toISOString()).toMatch(/^\d{4}-/);
      // Each character of a field may be written as six.
      expect(JSON.stringify(event).length).toBeLessThan(20 * 6 * maxFieldLength);
    }
    expect(windows.size()).toBeLessThanOrEqual(20 * 8);
    for (const decision of guard.decisions(now)) {
      expect(decision.until === null || Number.isFinite(decision.until)).toBe(true);
      expect(decision.value.length).toBeLessThanOrEqual(2 * maxFieldLength + 1);
    }
  };
  const signals = fc.array(oddSignal, { minLength: 1, maxLength: 20 });
  await fc.assert(fc.asyncProperty(signals, fc.boolean(), run), { numRuns: 400, seed: 20_261_124 });
  expect(answered).toBeGreaterThan(1000);
});

it.each([
  ["of an unknown type", { type: "sign-in-faliure" }],
  ["whose time no id can hold", { at: 8.64e15 }],
  ["from before 1970", { at: -1 }],
  ["whose address is longer than any", { ip: "1".repeat(100_000) }],
  ["whose account is no text", { account: 7 }],
])("a signal %s is invalid", async (_, odd) => {
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: () => {},
  });
  const signal = { type: "sign-in-failure", at: now, ip: "192.0.2.1", ...odd } as Signal;
  const invalid = expect.objectContaining({ code: "INVALID_SIGNAL" });
  expect(() => guard.record(signal)).toThrow(invalid);
  expect(() => guard.check(signal)).toThrow(invalid);
});
