// With counts in Redis whoever floods a full queue is counted there as well: the answer waits for it.

import { createClient } from "@redis/client";
import { expect, it } from "vitest";
import { everywhere, login, startFront } from "./test-front.ts";

const ownDatabase = new URL(process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379");
ownDatabase.pathname = "/13";

it("a bot at a full queue is blocked by what Redis has counted", async () => {
  const client = await createClient({ url: ownDatabase.href }).connect();
  await client.flushDb();
  client.destroy();
  // The crowd keeps this process busy, and an answer that is read too late would not be counted together.
  const env = {
    STORE_TIMEOUT_MS: "5000",
    REDIS_URL: ownDatabase.href,
    FLUX_SECRET: "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC",
  };
  const { post, crowd, handedOn, windows } = await startFront(env);
  expect(windows.name).toBe("redis");
  crowd(everywhere);
  const body = { email: "ada@example.com", password: "wrong password" };
  const statuses: number[] = [];
  for (let i = 0; i < 55; i++) statuses.push((await post(login, body, { ip: "192.0.2.66" })).status);
  expect(statuses).toEqual([...Array(50).fill(503), ...Array(5).fill(403)]);
  expect(handedOn).toEqual([]);
});
