// What flux-auth really writes keeps to the schemas, whatever happened.

import { builtInRules, recordedSignals } from "@fluxstudio/guard";
import { expect, it } from "vitest";
import { toEcs } from "./ecs.ts";
import { toOcsf } from "./ocsf.ts";
import { ecsProblems } from "./test-ecs.ts";
import { everyEvent } from "./test-every-event.ts";
import { ocsfProblems } from "./test-ocsf.ts";

it("every kind of event keeps to OCSF's schema and to ECS", async () => {
  const { events } = await everyEvent(":memory:");

  const all = events.map(({ event }) => event);
  expect(new Set(all.map(({ signal }) => signal.type))).toEqual(
    new Set([...recordedSignals, "request", "sign-in-attempt", "refresh-token-repeat"]),
  );
  const rules = new Set(all.flatMap(({ detections }) => detections.map(({ rule }) => rule)));
  expect([...rules].sort()).toEqual(builtInRules.map(({ id }) => id).sort());
  const decided = new Set(all.map(({ decision }) => `${decision?.origin} ${decision?.action}`));
  expect(decided).toEqual(
    new Set([
      "undefined undefined",
      ...["rule block", "rule delay"],
      ...["admin block", "admin delay", "admin challenge", "admin step-up", "admin lock"],
    ]),
  );
  expect(all.some(({ refusals }) => refusals)).toBe(true);

  for (const event of all) {
    const ocsf = JSON.parse(JSON.stringify(toOcsf(event)));
    expect({ ...ocsf, problems: ocsfProblems(ocsf) }).toMatchObject({ problems: [] });
    const ecs = JSON.parse(JSON.stringify(toEcs(event)));
    expect({ ...ecs, problems: ecsProblems(ecs) }).toMatchObject({ problems: [] });
  }
});
