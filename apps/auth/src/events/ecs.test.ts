// Lines keep to the Elastic Common Schema, and say in its words what happened.

import { builtInRules, signalTypes } from "@fluxstudio/guard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecsVersion, toEcs } from "./ecs.ts";
import { owaspOf } from "./ocsf.ts";
import { anyEvent } from "./test-any-event.ts";
import { ecsFactsVersion, ecsProblems } from "./test-ecs.ts";
import { decision, detection, securityEvent, start } from "./test-event.ts";
import { owaspVocabulary } from "./test-owasp.ts";

const written = (event: Parameters<typeof toEcs>[0]) => JSON.parse(JSON.stringify(toEcs(event)));

it("whatever is in an event, it keeps to the schema", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(ecsProblems(written(event))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it("lines name the version of the schema that they are tested against", () => {
  expect(ecsVersion).toBe(ecsFactsVersion);
});

it("signals and rules have names that the OWASP logging vocabulary knows", () => {
  const names = signalTypes.map((type) => owaspOf(securityEvent({ type })));
  for (const name of [...names, ...builtInRules.map(({ owasp }) => owasp)]) {
    expect(owaspVocabulary).toContain(name);
  }
});

it("a sign-in that failed is an event of authentication, with the account as its hash", () => {
  expect(
    toEcs(securityEvent({ place: { country: "NL", asn: 64500, latitude: 52, longitude: 5 } })),
  ).toMatchObject({
    "@timestamp": new Date(start).toISOString(),
    message: "sign-in-failure: ip 203.0.113.7",
    event: {
      kind: "event",
      category: ["authentication"],
      type: ["start"],
      action: "authn_login_fail",
      outcome: "failure",
    },
    source: {
      ip: "203.0.113.7",
      as: { number: 64500 },
      geo: { country_iso_code: "NL", location: { lat: 52, lon: 5 } },
    },
    user: { hash: "account-hash" },
    user_agent: { original: "Mozilla/5.0" },
    url: { path: "/api/auth/login" },
    http: { request: { method: "POST" }, response: { status_code: 401 } },
    related: { ip: ["203.0.113.7"], user: ["account-hash"] },
    flux: { signal: "sign-in-failure", door: "sign-in" },
  });
});

it("a detection is an alert with its rule and its technique, denied when a decision refuses", () => {
  expect(toEcs(securityEvent({}, { detections: [detection], decision }))).toMatchObject({
    message: "brute-force: ip 203.0.113.7",
    event: {
      kind: "alert",
      category: ["intrusion_detection"],
      type: ["denied"],
      action: "authn_login_fail_max",
    },
    rule: { id: "brute-force" },
    threat: { framework: "MITRE ATT&CK", technique: { id: ["T1110"], subtechnique: { id: ["T1110.001"] } } },
    flux: {
      severity: "high",
      decision: { action: "block", scope: "ip", event_id: "event-1" },
      detections: [{ rule: "brute-force", evidence: { count: 5, threshold: 5 } }],
    },
  });
  expect(toEcs(securityEvent({}, { detections: [detection] })).event).toMatchObject({ type: ["info"] });
});

it("summed refusals are one event from the first to the last", () => {
  const refusals = { count: 40, since: start - 1000 };
  expect(toEcs(securityEvent({ type: "request" }, { decision, refusals }))).toMatchObject({
    message: "40 refused: ip 203.0.113.7",
    event: {
      kind: "event",
      type: ["denied"],
      outcome: "failure",
      start: new Date(start - 1000).toISOString(),
      end: new Date(start).toISOString(),
    },
    flux: { refusals: { count: 40 } },
  });
});

describe("the facts about ECS refuse", () => {
  const line = written(securityEvent({}, { detections: [detection], decision }));
  const event = (changes: object) => ({ ...line, event: { ...line.event, ...changes } });

  it.each([
    ["an unknown field", { ...line, mood: "good" }, "mood: is no field"],
    [
      "an unknown field within a set",
      { ...line, user: { hash: "a", mood: "good" } },
      "user.mood: is no field",
    ],
    ["a value that a field has not", event({ kind: "incident" }), "event.kind: is no value of this field"],
    ["one value where a list belongs", event({ category: "iam" }), "event.category: must be a list"],
    ["a list where one value belongs", event({ action: ["a"] }), "event.action: must be no list"],
    [
      "a type of another category",
      event({ type: ["creation"] }),
      "event.type: creation is of no such category",
    ],
    ["text where an address belongs", { ...line, source: { ip: "unknown" } }, "source.ip: is no ip"],
    [
      "text where a number belongs",
      { ...line, http: { response: { status_code: "401" } } },
      "http.response.status_code: is no long",
    ],
    ["a number where a time belongs", { ...line, "@timestamp": start }, "@timestamp: is no date"],
    ["a line without its version", { ...line, ecs: {} }, "ecs.version: is missing"],
  ])("%s", (_, changed, problem) => {
    expect(ecsProblems(changed)).toContain(problem);
  });
});
