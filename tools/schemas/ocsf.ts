// Makes the JSON Schema that security events are tested against out of a checkout of OCSF's own schema: names, types, numbers, no text.
//
//   git clone --depth 1 --branch v1.7.0 https://github.com/ocsf/ocsf-schema /tmp/ocsf-schema
//   node tools/run.mjs tools/schemas/ocsf.ts /tmp/ocsf-schema
//
// How a class comes to its attributes is told in OCSF's metaschema and in its server (https://github.com/ocsf/ocsf-server).

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compactJson } from "./compact-json.ts";
import { ocsfJsonSchema } from "./ocsf-json-schema.ts";
import { readOcsf } from "./ocsf-metaschema.ts";

const [checkout] = process.argv.slice(2);
if (checkout === undefined) {
  console.error("Name a checkout of https://github.com/ocsf/ocsf-schema.");
  process.exit(1);
}

const schema = ocsfJsonSchema(readOcsf(checkout, { profiles: ["security_control"] }), {
  classes: ["iam/authentication", "findings/detection_finding"],
  // Attributes of any other object are left out, and so cannot be used before the object is added here.
  objects: [
    "analytic",
    "attack",
    "autonomous_system",
    "evidences",
    "finding_info",
    "http_request",
    "http_response",
    "location",
    "metadata",
    "network_endpoint",
    "object",
    "product",
    "service",
    "session",
    "sub_technique",
    "technique",
    "url",
    "user",
  ],
});
const file = join(import.meta.dirname, "../../apps/auth/src/events/schemas/ocsf.json");
writeFileSync(file, `${compactJson(schema)}\n`);
console.log(`Wrote ${file}, of OCSF ${schema.version}.`);
