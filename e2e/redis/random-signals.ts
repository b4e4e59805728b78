// Random signals of a few people and strangers, the same for the same seed: what the stores are compared by.

import type { Signal } from "@fluxstudio/guard";
import { createRandom } from "@fluxstudio/guard/testing";

export interface RandomSignal {
  readonly verb: "check" | "record";
  readonly signal: Signal;
}

const verbs = {
  request: "check",
  "sign-in-attempt": "check",
  "sign-in-failure": "record",
  "sign-in-success": "record",
  "sign-in-abandoned": "record",
  "account-recovered": "record",
  "token-refresh": "check",
  "refresh-token-reuse": "record",
  "refresh-token-repeat": "record",
} as const;
/** Failures often, as in an attack, so that thresholds are crossed within a sequence. */
const types = [
  ...Array<"sign-in-attempt">(8).fill("sign-in-attempt"),
  ...Array<"sign-in-failure">(12).fill("sign-in-failure"),
  ...Array<"token-refresh">(5).fill("token-refresh"),
  ...(Object.keys(verbs) as (keyof typeof verbs)[]),
];
const addresses = ["203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"];
const accounts = ["alice", "bob", "Ünïcødé {account} of more than fifteen characters"];
const agents = ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "sqlmap/1.9", ""];
const places = [
  { country: "DE", latitude: 52.5, longitude: 13.4, asn: 3320 },
  { country: "US", latitude: 40.7, longitude: -74, asn: 7922 },
];

/** Time goes on in seconds or in minutes, stands still now and then, and some signals arrive late. */
export function randomSignals(seed: number, length: number): readonly RandomSignal[] {
  const random = createRandom(seed);
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const maybe = <T>(chance: number, value: T): T | undefined => (random() < chance ? value : undefined);
  const longestStepMs = oneOf([2000, 20_000, 5 * 60_000]);
  const met = addresses.slice(0, 1 + Math.floor(random() * addresses.length));
  let now = Date.UTC(2026, 0, 5, 9) + Math.floor(random() * 1e9);
  const attempts: Signal[] = [];
  return Array.from({ length }, () => {
    const type = oneOf(types);
    now += Math.floor(random() ** 4 * longestStepMs);
    const at = random() < 0.1 ? now - Math.floor(random() * 120_000) : now;
    const follows = type.startsWith("sign-in-") && type !== "sign-in-attempt" && random() < 0.6;
    const before = follows ? attempts.pop() : undefined;
    const signal: Signal = before
      ? { ...before, type, at: Math.max(at, before.at) }
      : {
          type,
          at,
          ip: oneOf(met),
          id: type === "sign-in-attempt" ? `attempt ${Math.floor(random() * 1e6)}` : undefined,
          account: maybe(0.9, oneOf(accounts)),
          device: maybe(0.2, oneOf(["laptop", "phone"])),
          newDevice: maybe(0.1, true),
          session: maybe(0.5, oneOf(["s1", "s2"])),
          userAgent: oneOf(agents),
          door: maybe(0.2, "sign-in"),
          place: oneOf(places),
        };
    if (type === "sign-in-attempt") attempts.push(signal);
    return { verb: verbs[type], signal };
  });
}
