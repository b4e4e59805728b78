// Whether events keep to OCSF's own schema, for tests.

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const schema = JSON.parse(readFileSync(new URL("schemas/ocsf.json", import.meta.url), "utf8"));

/** Of OCSF, that the schema was made from. */
export const ocsfSchemaVersion: string = schema.version;

// Some of its alternatives are about attributes whose types stand elsewhere.
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
ajv.addVocabulary(["version"]);
const validate = ajv.compile(schema);

/** What is wrong with it, such as `/user must have required property 'uid'`; empty: nothing is. */
export function ocsfProblems(event: unknown): string[] {
  if (validate(event)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
