// Events with anything in them that their types allow, for tests.

import {
  actions,
  builtInRules,
  normaliseIp,
  origins,
  type SecurityEvent,
  scopes,
  severities,
  signalTypes,
} from "@fluxstudio/guard";
import fc from "fast-check";

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: "binary", maxLength: 40 });
const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
const degrees = fc.double({ noNaN: true, noDefaultInfinity: true });
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("unknown")).map((text) => normaliseIp(text) ?? text);

const signals = fc.record({
  type: fc.constantFrom(...signalTypes),
  at: time,
  ip,
  id: maybe(text),
  account: maybe(text),
  device: maybe(text),
  newDevice: maybe(fc.boolean()),
  session: maybe(text),
  userAgent: maybe(text),
  method: maybe(fc.oneof(fc.constantFrom("GET", "POST", "PURGE"), text)),
  path: maybe(text),
  status: maybe(fc.integer({ min: 100, max: 599 })),
  door: maybe(text),
  place: maybe(
    fc.record(
      {
        country: text,
        city: text,
        network: text,
        asn: fc.nat(),
        latitude: degrees,
        longitude: degrees,
      },
      { requiredKeys: [] },
    ),
  ),
});
const detections = fc.record({
  rule: fc.constantFrom(...builtInRules.map(({ id }) => id)),
  at: time,
  scope: fc.constantFrom(...scopes),
  value: text,
  severity: fc.constantFrom(...severities),
  confidence: fc.constantFrom("low", "medium", "high"),
  mode: fc.constantFrom("monitor", "enforce"),
  attack: maybe(fc.constantFrom("T1110", "T1110.001")),
  owasp: fc.constant("authn_login_fail"),
  evidence: fc.record({ count: fc.nat(), threshold: fc.nat(), windowMs: fc.nat(), agent: maybe(text) }),
});
const decisions = fc.record({
  id: fc.uuid(),
  action: fc.constantFrom(...actions),
  scope: fc.constantFrom(...scopes),
  value: text,
  origin: fc.constantFrom(...origins),
  createdAt: time,
  until: fc.option(time),
  rule: maybe(fc.constantFrom(...builtInRules.map(({ id }) => id))),
  reason: maybe(text),
  eventId: maybe(fc.uuid()),
});
/** Also what no rule and no client makes today. */
export const anyEvent: fc.Arbitrary<SecurityEvent> = fc.record({
  id: fc.uuid(),
  at: time,
  signal: signals,
  detections: fc.array(detections, { maxLength: 3 }),
  decision: maybe(decisions),
  refusals: maybe(fc.record({ count: fc.nat(), since: time })),
}) as fc.Arbitrary<SecurityEvent>;
