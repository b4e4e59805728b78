// What a flood leaves in the event table: sums of refusals, and nothing at all of requests that no rule minds.

import { expect, it } from "vitest";
import { basePath } from "../auth.ts";
import { program, startTestApp } from "../test-app.ts";

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const start = Date.UTC(2026, 10, 28);

async function flood(clock = { now: start }) {
  const flux = await startTestApp({ databaseUrl: ":memory:", now: () => clock.now });
  const events = async () => {
    await flux.guard.flush();
    return (await flux.events.list({ limit: 1_000 })).map(({ event }) => event);
  };
  return { ...flux, clock, events };
}

it("18,000 refused requests of 500 blocked addresses are one event for each address at first, and the next for two intervals", async () => {
  const { ask, guard, clock, events } = await flood();
  const addresses = Array.from({ length: 500 }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
  const block = { action: "block", scope: "ip", origin: "admin", until: null } as const;
  for (const value of addresses) await guard.decide({ ...block, value }, clock.now);
  const wrong = { email: "ada@example.com", password: "wrong" };
  const init = {
    method: "POST",
    headers: { ...program, "user-agent": browser },
    body: JSON.stringify(wrong),
  };

  const sums: [events: number, refusals: number][] = [];
  for (let interval = 1; interval <= 3; interval++) {
    for (let i = 0; i < 6_000; i++) {
      clock.now++;
      const response = await ask(`${basePath}/login`, init, addresses[i % 500] as string);
      if (response.status !== 403) throw new Error(`Answered with ${response.status}.`);
    }
    const found = await events();
    sums.push([found.length, found.reduce((sum, { refusals }) => sum + (refusals?.count ?? 0), 0)]);
  }
  expect(sums).toEqual([
    [500, 6_000],
    [500, 6_000],
    [1_000, 18_000],
  ]);
});

it("20,480 requests of 10,240 addresses that stay below every threshold leave no event", async () => {
  const { guard, clock, events } = await flood();
  // What the gate in front of a door asks; the answers of the door itself would be the most of it.
  const request = { type: "request", door: "sign-in", method: "POST", path: `${basePath}/login` } as const;
  for (let i = 0; i < 20_480; i++) {
    clock.now++;
    const ip = `198.19.${(i >> 8) % 40}.${i & 255}`;
    const { action } = await guard.check({ ...request, userAgent: browser, ip, at: clock.now });
    if (action !== "allow") throw new Error(`Answered with ${action}.`);
  }
  expect(await events()).toEqual([]);
});
