// geographic-anomaly: new countries and networks, impossible travel, and what it does not see.

import { describe, expect, it } from "vitest";
import type { Place } from "../client/place.ts";
import { createScenario } from "../testing/scenario.ts";
import { geographicAnomaly } from "./geographic-anomaly.ts";

const { windowMs } = geographicAnomaly.defaults;
const hour = 3_600_000;
const berlin = { country: "DE", asn: 3320, latitude: 52.52, longitude: 13.4 };
const paris = { country: "FR", asn: 3215, latitude: 48.85, longitude: 2.35 };
const sydney = { country: "AU", asn: 1221, latitude: -33.87, longitude: 151.2 };
const signIn = (place: Place | undefined, account = "a") =>
  ({ type: "sign-in-success", ip: "203.0.113.7", account, place }) as const;

async function findings(steps: readonly (readonly [number, Place | undefined, string?])[]) {
  const scenario = createScenario([geographicAnomaly]);
  const found = [];
  for (const [wait, place, account] of steps) {
    scenario.advance(wait);
    const { detections } = await scenario.record(signIn(place, account));
    found.push(...detections.map((one) => [one.evidence.what, one.severity]));
  }
  return found;
}

describe("geographic-anomaly", () => {
  it("says nothing at the first sign-in, nor while the place stays", async () => {
    expect(
      await findings([
        [0, berlin],
        [hour, berlin],
        [hour, berlin],
      ]),
    ).toEqual([]);
  });

  it("reports a second country at the threshold of two, once while it is remembered", async () => {
    expect(
      await findings([
        [0, berlin],
        [10 * hour, paris],
        [10 * hour, berlin],
      ]),
    ).toEqual([["new-country", "medium"]]);
  });

  it("reports another network of the same country as low", async () => {
    expect(
      await findings([
        [0, { country: "DE", asn: 1 }],
        [hour, { country: "DE", asn: 2 }],
      ]),
    ).toEqual([["new-network", "low"]]);
  });

  it("reports faster travel than 1,000 km/h as high, and the same journey by airliner as a new country", async () => {
    expect(
      await findings([
        [0, berlin],
        [hour, sydney],
      ]),
    ).toEqual([["impossible-travel", "high"]]);
    expect(
      await findings([
        [0, berlin],
        [24 * hour, sydney],
      ]),
    ).toEqual([["new-country", "medium"]]);
  });

  it("forgets a place at the end of the window", async () => {
    expect(
      await findings([
        [0, berlin],
        [windowMs - 1, paris],
      ]),
    ).toHaveLength(1);
    expect(
      await findings([
        [0, berlin],
        [windowMs, paris],
      ]),
    ).toEqual([]);
  });

  it("does not mix accounts: a busy office behind one address is left alone", async () => {
    expect(
      await findings(Array.from({ length: 40 }, (_, i) => [1000, berlin, `person${i}`] as const)),
    ).toEqual([]);
  });

  it("known gap: without a place nothing is compared", async () => {
    expect(
      await findings([
        [0, undefined],
        [hour, sydney],
        [hour, undefined],
      ]),
    ).toEqual([]);
  });
});
