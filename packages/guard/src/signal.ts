// A signal: one fact, normalised, and the scope/values that can be counted or decided about because of it.

import { ipScopeValue } from "./client/ip-prefix.ts";
import type { Place } from "./client/place.ts";
import { GuardError } from "./errors.ts";
import type { Scope } from "./scopes.ts";

/**
 * - `request`: somebody asked a guarded endpoint; `door` is set when it takes credentials
 * - `sign-in-attempt`: a credential is about to be checked; takes a place in the windows before the hash is computed
 * - `sign-in-failure`, `sign-in-success`: what came of it; with the attempt's `id`, so that it is not counted twice
 * - `sign-in-abandoned`: the attempt ended with no verdict (an error, a disconnect); gives its place back
 * - `account-recovered`: the owner proved who he is in another way than by a password, such as a link in a mail
 * - `refresh-token-reuse`: a refresh token was shown again, long after it had been exchanged for another
 * - `refresh-token-repeat`: it was shown again so soon after the exchange that its successor came again: mostly another tab
 */
export const signalTypes = [
  "request",
  "sign-in-attempt",
  "sign-in-failure",
  "sign-in-success",
  "sign-in-abandoned",
  "account-recovered",
  "sign-up",
  "sign-out",
  "token-refresh",
  "refresh-token-reuse",
  "refresh-token-repeat",
] as const;
export type SignalType = (typeof signalTypes)[number];

export interface Signal {
  readonly type: SignalType;
  /** When it happened, milliseconds since 1970. */
  readonly at: number;
  /** The client's address in canonical text form (see `createClientIp`). */
  readonly ip: string;
  /** The same id is the same fact: it is counted once. Without one, every signal is a fact of its own. */
  readonly id?: string | undefined;
  /** Keyed hash of the normalised e-mail (see `createAccountKey`), never the e-mail itself. */
  readonly account?: string | undefined;
  /**
   * A device that has signed in to `account` before, proven by something that the client cannot make up. It is trusted:
   * what strangers did at the same address, or to the same account, is not held against it. Never an id that a client chose.
   */
  readonly device?: string | undefined;
  /** `sign-in-success`: the device is known only from now on, and the attempt was counted as an untrusted client's. */
  readonly newDevice?: boolean | undefined;
  /** What is checked is found by no number of tries, like a passkey's signature: guesses at the password do not stand in its way. */
  readonly unguessable?: boolean | undefined;
  readonly session?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  /** The credential door that was asked, e.g. `sign-in`; absent for any other endpoint. */
  readonly door?: string | undefined;
  /** Where the address is; the engine looks it up when a rule needs it. */
  readonly place?: Place | undefined;
}

/** A signal as rules see it: bounded, with its id, and with the values it is counted under. */
export interface ScopedSignal extends Signal {
  /** `ip` scope: the IPv4 address, or the IPv6 /64 that the address is in. */
  readonly ipValue: string;
}

/** Longest text kept of a field that a client chooses; longer ones are cut, so that every record stays small. */
export const maxFieldLength = 512;

/** End of the year 9999: every later time that is derived from it can still be written as text, and an id can hold it. */
export const latestMs = 253_402_300_799_999;

const knownTypes: ReadonlySet<string> = new Set(signalTypes);

/**
 * Completes a signal and bounds its fields.
 * @throws GuardError `INVALID_SIGNAL` when type, time or address cannot be used: counting under a wrong key would be worse.
 */
export function scopeSignal(signal: Signal, makeId: () => string): ScopedSignal {
  const { type, at, ip } = signal;
  if (!knownTypes.has(type)) throw invalid("`type`, one of `signalTypes`");
  if (!(typeof at === "number" && at >= 0 && at <= latestMs)) throw invalid("`at`, milliseconds since 1970");
  if (typeof ip !== "string" || ip === "" || ip.length > maxFieldLength) {
    throw invalid("`ip`, the client's address");
  }
  return {
    type,
    at: Math.trunc(at),
    ip,
    // The place that an attempt takes must be known again.
    id: cut(signal.id) ?? (type === "sign-in-attempt" ? makeId() : undefined),
    account: cut(signal.account),
    device: cut(signal.device),
    newDevice: signal.newDevice,
    unguessable: signal.unguessable,
    session: cut(signal.session),
    userAgent: cut(signal.userAgent),
    method: cut(signal.method),
    path: cut(signal.path),
    status: statusOf(signal.status),
    door: cut(signal.door),
    place: signal.place ? placeOf(signal.place) : undefined,
    ipValue: ipScopeValue(ip),
  };
}

/** The value of one scope of this signal, or undefined when the signal has none. */
export function scopeValue(signal: ScopedSignal, scope: Scope): string | undefined {
  switch (scope) {
    case "ip":
      return signal.ipValue;
    case "account":
      return signal.account;
    case "account+ip":
      return signal.account === undefined ? undefined : `${signal.account} ${signal.ipValue}`;
    case "device":
      return signal.device;
    case "session":
      return signal.session;
    case "asn":
      return signal.place?.asn === undefined ? undefined : String(signal.place.asn);
    case "global":
      return "all";
    case "ip-prefix":
      return undefined;
  }
}

/** The device that this signal is counted for instead of its address; undefined for an untrusted client. */
export const knownDevice = ({ device, newDevice }: Signal): string | undefined =>
  newDevice ? undefined : device;

function cut(text: string | undefined): string | undefined {
  if (text === undefined || text === null) return undefined;
  if (typeof text !== "string") throw invalid("text in every field that is text");
  if (text.length <= maxFieldLength) return text;
  // Copied: a mere slice would keep all of the text that it is cut from.
  return Buffer.from(text.slice(0, maxFieldLength), "utf16le").toString("utf16le");
}

/** A status that HTTP does not know (RFC 9110, section 15) says nothing, and a database may refuse it. */
const statusOf = (status: number | undefined): number | undefined =>
  status !== undefined && Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;

function placeOf(place: Place): Place {
  if (typeof place !== "object") throw invalid("an object as `place`");
  const { country, city, network, latitude, longitude, asn } = place;
  return { country: cut(country), city: cut(city), network: cut(network), latitude, longitude, asn };
}

const invalid = (what: string): GuardError => new GuardError("INVALID_SIGNAL", `A signal needs ${what}.`);
