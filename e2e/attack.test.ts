// What `npm run attack` prints, asked by a program.

import { expect, it } from "vitest";
import { runCampaign } from "./attacks/campaign.ts";
import { broken } from "./attacks/expectations.ts";

it("attacks are noticed, told of once each, stay bounded, and leave no secret anywhere", {
  timeout: 120_000,
}, async () => {
  expect(broken(await runCampaign(() => {}))).toEqual([]);
});
