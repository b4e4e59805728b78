// The guard's own signals, one JSON object a line, checked field by field.

import { normaliseIp } from "../client/ip-prefix.ts";
import type { Place } from "../client/place.ts";
import { latestMs, type Signal, type SignalType, signalTypes } from "../signal.ts";
import { type JsonObject, objectIn, readJsonObject, statusIn, textIn } from "./json-line.ts";
import { isoTime } from "./log-time.ts";
import type { LineParser } from "./parsed-line.ts";

const texts = ["id", "account", "device", "session", "userAgent", "method", "path", "door"] as const;
/** `at` is milliseconds since 1970 or RFC 3339. A field of the wrong type makes the line a bad one; an unknown field is ignored. */
export function createSignalsParser(): LineParser {
  return (line) => {
    const entry = readJsonObject(line);
    const signal = entry && signalIn(entry);
    return signal && { kind: "signal", signal };
  };
}

function signalIn(entry: JsonObject): Signal | undefined {
  const type = signalTypes.find((one): one is SignalType => one === entry.type);
  const at = typeof entry.at === "string" ? isoTime(entry.at) : entry.at;
  const ip = normaliseIp(textIn(entry.ip) ?? "");
  if (type === undefined || typeof at !== "number" || ip === undefined) return undefined;
  if (!(at >= 0 && at <= latestMs)) return undefined;
  const known: { -readonly [Key in keyof Signal]?: Signal[Key] } = {};
  for (const field of texts) {
    const value = entry[field];
    if (value == null) continue;
    if (typeof value !== "string") return undefined;
    known[field] = value;
  }
  if (entry.status != null) {
    known.status = statusIn(entry.status);
    if (known.status === undefined) return undefined;
  }
  if (entry.place != null) {
    known.place = placeIn(objectIn(entry.place));
    if (!known.place) return undefined;
  }
  return { ...known, type, at, ip };
}

const placeFields = {
  country: "string",
  city: "string",
  latitude: "number",
  longitude: "number",
  asn: "number",
  network: "string",
} as const;

function placeIn(entry: JsonObject | undefined): Place | undefined {
  if (!entry) return undefined;
  const known = Object.keys(placeFields).filter((field) => entry[field] != null);
  if (known.some((field) => typeof entry[field] !== placeFields[field as keyof Place])) return undefined;
  return Object.fromEntries(known.map((field) => [field, entry[field]])) as Place;
}
