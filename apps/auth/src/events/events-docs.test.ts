// docs/events.md shows what flux-auth writes: the examples are real ones, and the table is the code's.

import { readFileSync } from "node:fs";
import { signalTypes } from "@fluxstudio/guard";
import { expect, it } from "vitest";
import { toEcs } from "./ecs.ts";
import { owaspOf, toOcsf } from "./ocsf.ts";
import { ecsProblems } from "./test-ecs.ts";
import { decision, detection, securityEvent } from "./test-event.ts";
import { ocsfProblems } from "./test-ocsf.ts";

const docs = readFileSync(new URL("../../../../docs/events.md", import.meta.url), "utf8");

it("the examples are what is written of one event, and keep to the schemas", () => {
  const id = "01a1eba9-3600-7c3a-9d2b-5f1e8a7c6b40";
  const event = {
    ...securityEvent({}, { detections: [detection], decision: { ...decision, eventId: id } }),
    id,
  };
  const [ocsf, ecs] = [...docs.matchAll(/```json\n(.*?)```/gs)].map(([, text = ""]) => JSON.parse(text));
  expect(ocsf).toEqual(JSON.parse(JSON.stringify(toOcsf(event))));
  expect(ecs).toEqual(JSON.parse(JSON.stringify(toEcs(event))));
  expect([...ocsfProblems(ocsf), ...ecsProblems(ecs)]).toEqual([]);
});

it("the table says what each signal is called", () => {
  const rows = signalTypes.map((type) => {
    const event = securityEvent({ type });
    const { type_uid: typeUid, activity_name: activity } = toOcsf(event);
    const { category, type: types } = toEcs(event).event as { category: string[]; type: string[] };
    return `| \`${type}\` | \`${owaspOf(event)}\` | ${typeUid} ${activity} | ${category.join(", ")}: ${types.join(", ")} |`;
  });
  expect(docs.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
});
