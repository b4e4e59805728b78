// Events keep to OCSF's own schema, whatever is in them; and the schema that says so refuses what OCSF refuses.

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
import { describe, expect, it } from "vitest";
import { ocsfVersion, toOcsf } from "./ocsf.ts";
import { decision, detection, securityEvent, start } from "./test-event.ts";
import { ocsfProblems, ocsfSchemaVersion } from "./test-ocsf.ts";

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: "binary", maxLength: 40 });
const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
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
        latitude: fc.double(),
        longitude: fc.double(),
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
const events: fc.Arbitrary<SecurityEvent> = fc.record({
  id: fc.uuid(),
  at: time,
  signal: signals,
  detections: fc.array(detections, { maxLength: 3 }),
  decision: maybe(decisions),
  refusals: maybe(fc.record({ count: fc.nat(), since: time })),
}) as fc.Arbitrary<SecurityEvent>;

/** As it is written. */
const written = (event: SecurityEvent): unknown => JSON.parse(JSON.stringify(toOcsf(event)));

it("whatever is in an event, it keeps to the schema", () => {
  fc.assert(
    fc.property(events, (event) => {
      expect(ocsfProblems(written(event))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it("events name the version of the schema that they are tested against", () => {
  expect(ocsfVersion).toBe(ocsfSchemaVersion);
});

describe("the schema refuses", () => {
  const signIn = toOcsf(securityEvent({ status: 401 }));
  const found = toOcsf(securityEvent({}, { detections: [detection], decision }));
  const summed = toOcsf(securityEvent({}, { decision, refusals: { count: 2, since: start } }));

  const mistakes: readonly (readonly [string, object, RegExp])[] = [
    ["an attribute that nobody knows", { ...signIn, mood: "good" }, /additional.*"mood"/],
    [
      "an unknown attribute within an object",
      { ...signIn, user: { uid: "a", mood: "good" } },
      /\/user.*"mood"/,
    ],
    ["an attribute of the other class", { ...signIn, finding_info: found.finding_info }, /"finding_info"/],
    ["a deprecated attribute", { ...signIn, user: { uid: "a", credential_uid: "b" } }, /"credential_uid"/],
    ["a sign-in without its user", { ...signIn, user: undefined }, /required property 'user'/],
    ["a user without any name", { ...signIn, user: {} }, /\/user.*required property 'uid'/],
    ["a sign-in without service and endpoint", { ...signIn, service: undefined }, /property 'service'/],
    ["a finding without what was found", { ...found, finding_info: undefined }, /property 'finding_info'/],
    ["a response without its code", { ...signIn, http_response: {} }, /property 'code'/],
    ["a type of another activity", { ...signIn, type_uid: 300_202 }, /\/type_uid.*constant/],
    ["a type of another class", { ...signIn, type_uid: 200_401 }, /\/type_uid.*allowed values/],
    ["a category of another class", { ...found, category_uid: 3 }, /\/category_uid/],
    ["a class of its own", { ...found, class_uid: 2999 }, /\/class_uid.*allowed values/],
    ["a number that stands for nothing", { ...found, severity_id: 7 }, /\/severity_id.*allowed values/],
    ["a caption of another number", { ...found, disposition: "Allowed" }, /\/disposition must be equal/],
    ["the name of another activity", { ...summed, activity_name: "Create" }, /\/activity_name must be equal/],
    [
      "text where a number belongs",
      { ...signIn, time: new Date(start).toISOString() },
      /\/time must be integer/,
    ],
    [
      "a source that is no address",
      { ...signIn, src_endpoint: { ip: "unknown" } },
      /\/src_endpoint\/ip.*pattern/,
    ],
    [
      "a method that HTTP does not know",
      { ...signIn, http_request: { http_method: "PURGE" } },
      /http_method/,
    ],
  ];

  it("nothing of what these were made from", () => {
    for (const event of [signIn, found, summed])
      expect(ocsfProblems(JSON.parse(JSON.stringify(event)))).toEqual([]);
  });

  it.each(mistakes)("%s", (_, event, problem) => {
    expect(ocsfProblems(JSON.parse(JSON.stringify(event))).join("\n")).toMatch(problem);
  });
});
