// A sign-in from a country or network that the account has not used lately, or from farther away than anyone travels.

import { distanceKm } from "../client/distance.ts";
import type { Place } from "../client/place.ts";
import type { Severity } from "../detection.ts";
import type { Rule } from "../rule.ts";
import type { WindowEntry } from "../stores/window-store.ts";

/** Sign-ins of an account that are remembered. */
const signInsKept = 10;
/** Faster than an airliner between two cities. */
const impossibleKmPerHour = 1000;
/** Databases place an address within about this distance; below it a difference says nothing. */
const placeErrorKm = 100;

const places = "geographic-anomaly.places";

export const geographicAnomaly: Rule = {
  id: "geographic-anomaly",
  summary:
    "A sign-in from a country or network that is new for the account, or impossibly far from the last one.",
  severity: "low",
  confidence: "low",
  attack: "T1078",
  owasp: "authn_impossible_travel",
  // The threshold is the number of different countries (or networks) within the window.
  defaults: {
    mode: "monitor",
    threshold: 2,
    windowMs: 30 * 24 * 60 * 60_000,
    response: { action: "record" },
  },
  listensTo: ["sign-in-success"],
  needsPlace: ["sign-in-success"],

  // The threshold is about the countries and networks among these sign-ins; how many there are does not matter.
  limits: ({ windowMs }) => [{ window: places, windowMs }],

  observe(signal, settings) {
    if (signal.account === undefined || !signal.place) return [];
    return [
      {
        kind: "recent",
        scope: "account",
        value: signal.account,
        window: places,
        at: signal.at,
        windowMs: settings.windowMs,
        limit: signInsKept,
        entry: encode(signal.place),
      },
    ];
  },

  judge(signal, [result], settings) {
    const { account, place } = signal;
    const last = result?.entries?.[0];
    if (account === undefined || !place || !result?.entries || !last) return undefined;
    const before = result.entries.map((entry) => decode(entry.entry));
    const travel = travelled(last, place, signal.at);
    const impossible = travel !== undefined && travel.kmPerHour > impossibleKmPerHour;
    const countries = new Set([...before.map((one) => one.country), place.country].filter(Boolean));
    const networks = new Set([...before.map((one) => one.asn), place.asn].filter((asn) => asn !== undefined));
    const newCountry = place.country !== undefined && !before.some((one) => one.country === place.country);
    const newNetwork = place.asn !== undefined && !before.some((one) => one.asn === place.asn);
    const count = newCountry ? countries.size : networks.size;
    const changed = (newCountry || newNetwork) && count >= settings.threshold;
    if (!impossible && !changed) return undefined;
    const severity: Severity = impossible ? "high" : newCountry ? "medium" : "low";
    return {
      kind: "detected",
      finding: {
        scope: "account",
        value: account,
        severity,
        evidence: {
          count,
          threshold: settings.threshold,
          windowMs: settings.windowMs,
          what: impossible ? "impossible-travel" : newCountry ? "new-country" : "new-network",
          country: place.country,
          lastCountry: before[0]?.country,
          asn: place.asn,
          distanceKm: travel && Math.round(travel.km),
          kmPerHour: travel && Math.round(Math.min(travel.kmPerHour, 1e6)),
          lastAt: last.at,
        },
      },
    };
  },
};

/** How far from the last sign-in, and how fast that would have been; undefined where either has no coordinates. */
function travelled(
  last: WindowEntry,
  place: Place,
  at: number,
): { km: number; kmPerHour: number } | undefined {
  const from = decode(last.entry);
  if (from.latitude === undefined || from.longitude === undefined) return undefined;
  if (place.latitude === undefined || place.longitude === undefined) return undefined;
  const km = distanceKm(
    { latitude: from.latitude, longitude: from.longitude },
    { latitude: place.latitude, longitude: place.longitude },
  );
  if (km < placeErrorKm) return undefined;
  // Databases round to cities and clocks to seconds: never divide by less than a minute.
  const hours = Math.max(at - last.at, 60_000) / 3_600_000;
  return { km, kmPerHour: km / hours };
}

const encode = (place: Place): string =>
  JSON.stringify([place.country, place.asn, place.latitude, place.longitude]);

function decode(entry: string): Place {
  const [country, asn, latitude, longitude] = JSON.parse(entry) as [string?, number?, number?, number?];
  return {
    country: country ?? undefined,
    asn: asn ?? undefined,
    latitude: latitude ?? undefined,
    longitude: longitude ?? undefined,
  } as Place;
}
