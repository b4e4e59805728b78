// What an operator does with a right token is no traffic that rules count, whatever program he uses.

import { adminBase } from "@fluxstudio/admin-api";
import { expect, it } from "vitest";
import { asOperator, startTestApp } from "./test-app.ts";

const tool = { "user-agent": "curl/8.5.0" };

it("a right token's calls are counted nowhere, and a wrong one's are", async () => {
  const { ask, guard, events } = await startTestApp({ databaseUrl: ":memory:" });
  const counted = async (ip: string) =>
    (await guard.explain("ip", ip, Date.now())).windows.map(({ window }) => window);
  for (let i = 0; i < 60; i++) {
    expect(
      (await ask(`${adminBase}/decisions`, { headers: { ...tool, ...asOperator() } }, "192.0.2.1")).status,
    ).toBe(200);
  }
  expect(await counted("192.0.2.1")).toEqual([]);
  await guard.flush();
  expect(await events.list({})).toEqual([]);

  const wrong = { ...tool, authorization: "Bearer wrong" };
  expect((await ask(`${adminBase}/decisions`, { headers: wrong }, "192.0.2.2")).status).toBe(401);
  expect(await counted("192.0.2.2")).toContain("suspicious-user-agent.agents");
});
