// Events keep to OCSF's own schema, whatever is in them; and the schema that says so refuses what OCSF refuses.

import type { SecurityEvent } from "@fluxstudio/guard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ocsfVersion, toOcsf } from "./ocsf.ts";
import { anyEvent } from "./test-any-event.ts";
import { decision, detection, securityEvent, start } from "./test-event.ts";
import { ocsfProblems, ocsfSchemaVersion } from "./test-ocsf.ts";

/** As it is written. */
const written = (event: SecurityEvent): unknown => JSON.parse(JSON.stringify(toOcsf(event)));

it("whatever is in an event, it keeps to the schema", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
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
