// The schema that is made of OCSF's files has what a class inherits, and nothing of other profiles, objects or the past.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { compactJson } from "./compact-json.ts";
import { ocsfJsonSchema } from "./ocsf-json-schema.ts";
import { readOcsf } from "./ocsf-metaschema.ts";

const optional = { requirement: "optional" };
const files = {
  "version.json": { version: "9.9.9" },
  "categories.json": { attributes: { iam: { uid: 3, caption: "IAM" } } },
  "dictionary.json": {
    attributes: {
      activity_id: { type: "integer_t", sibling: "activity_name", enum: { 99: { caption: "Other" } } },
      activity_name: { type: "string_t" },
      class_uid: { type: "integer_t", sibling: "class_name" },
      class_name: { type: "string_t" },
      category_uid: { type: "integer_t" },
      type_uid: { type: "long_t" },
      ip: { type: "ip_t" },
      names: { type: "string_t", is_array: true },
      user: { type: "user" },
      device: { type: "device" },
      of_cloud: { type: "string_t" },
      of_control: { type: "string_t" },
      old: { type: "string_t" },
    },
    types: {
      attributes: {
        integer_t: {},
        long_t: {},
        string_t: {},
        ip_t: { type: "string_t", regex: "^[0-9.]+$", max_len: 40 },
      },
    },
  },
  "profiles/cloud.json": { name: "cloud", attributes: { of_cloud: optional } },
  "profiles/control.json": { name: "control", attributes: { of_control: optional } },
  "events/base.json": {
    name: "base",
    attributes: {
      $include: ["profiles/cloud.json", "profiles/control.json"],
      activity_id: { requirement: "required" },
      activity_name: optional,
      class_uid: { requirement: "required" },
      class_name: optional,
      category_uid: optional,
      type_uid: optional,
      old: { ...optional, "@deprecated": { since: "1.0.0" } },
    },
  },
  "events/iam/logon.json": {
    extends: "base",
    uid: 2,
    name: "logon",
    caption: "Logon",
    category: "iam",
    attributes: {
      activity_id: { enum: { 1: { caption: "Try" } } },
      user: { requirement: "required" },
      device: optional,
    },
    constraints: { at_least_one: ["user", "device"] },
  },
  "objects/user.json": { name: "user", attributes: { ip: optional, names: { requirement: "required" } } },
};

function made() {
  const checkout = mkdtempSync(join(tmpdir(), "flux-ocsf-"));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), JSON.stringify(content));
  }
  const ocsf = readOcsf(checkout, { profiles: ["control"] });
  return ocsfJsonSchema(ocsf, { classes: ["iam/logon"], objects: ["user"] });
}

it("a class has what it inherits and is required, without other profiles, other objects, and the deprecated", () => {
  const { version, properties, allOf } = made();
  expect([version, properties.class_uid.enum]).toEqual(["9.9.9", [3002]]);
  expect(allOf[0]?.then).toEqual({
    type: "object",
    additionalProperties: false,
    required: ["activity_id", "class_uid", "user"],
    anyOf: [{ required: ["user"] }],
    properties: {
      of_control: { type: "string" },
      activity_id: { type: "integer", enum: [1, 99] },
      activity_name: { type: "string" },
      class_uid: { type: "integer", enum: [3002] },
      class_name: { type: "string" },
      category_uid: { type: "integer", enum: [3] },
      type_uid: { type: "integer", enum: [300_201, 300_299] },
      user: { $ref: "#/$defs/user" },
    },
    allOf: [
      {
        anyOf: [
          { properties: { activity_id: { const: 1 }, activity_name: { const: "Try" } } },
          { properties: { activity_id: { const: 99 } } },
        ],
      },
      { anyOf: [{ properties: { class_uid: { const: 3002 }, class_name: { const: "Logon" } } }] },
      {
        anyOf: [
          { properties: { activity_id: { const: 1 }, type_uid: { const: 300_201 } } },
          { properties: { activity_id: { const: 99 }, type_uid: { const: 300_299 } } },
        ],
      },
    ],
  });
});

it("an object has the types of the dictionary, with their bounds", () => {
  expect(made().$defs.user).toEqual({
    type: "object",
    additionalProperties: false,
    required: ["names"],
    properties: {
      ip: { type: "string", pattern: "^[0-9.]+$", maxLength: 40 },
      names: { type: "array", items: { type: "string" } },
    },
  });
});

it("compact JSON is the same JSON, in lines that can be read", () => {
  const value = {
    short: [1, 2],
    long: Array.from({ length: 30 }, (_, i) => ({ name: `item ${i}` })),
    none: null,
  };
  const text = compactJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(120);
});
