// `flux doctor` says of Redis whether it answers and keeps what it is given, and repeats no password.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createClient } from "@redis/client";
import { expect, it, onTestFinished } from "vitest";
import { examineRedis } from "./doctor-redis.ts";

const url = process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const { host } = new URL(url);

async function findings(urls: string, timeoutMs?: number) {
  const found = [];
  for await (const finding of examineRedis(urls, timeoutMs)) found.push(finding);
  return found;
}

it("one that answers is named with its version", async () => {
  const [finding] = await findings(url);
  expect(finding).toMatchObject({
    check: "redis",
    message: expect.stringMatching(/ answers \((Redis|Valkey) \d+\./),
  });
  expect(finding?.message).toContain(host);
});

it("one that evicts is a mistake, and the advice says what to set", async () => {
  const client = await createClient({ url }).connect();
  const before = { ...(await client.configGet("maxmemory*")) } as { [name: string]: string };
  onTestFinished(async () => {
    await client.configSet({
      "maxmemory-policy": before["maxmemory-policy"] ?? "noeviction",
      maxmemory: before.maxmemory ?? "0",
    });
    client.destroy();
  });
  await client.configSet({ maxmemory: "4gb", "maxmemory-policy": "allkeys-lru" });
  expect(await findings(url)).toMatchObject([
    { ok: false, message: expect.stringContaining("maxmemory-policy is allkeys-lru") },
  ]);
  await client.configSet({ "maxmemory-policy": "noeviction" });
  expect(await findings(url)).toMatchObject([{ ok: true }]);
});

it("one that is not there, or takes the connection and says nothing, is told without its password", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const secret = "redis-password-of-the-test";
  const found = await findings(`redis://:${secret}@127.0.0.1:1,redis://:${secret}@127.0.0.1:${port}`, 200);
  expect(found).toMatchObject([
    { ok: false, message: expect.stringContaining("127.0.0.1:1 cannot be used") },
    { ok: false, message: expect.stringContaining(`127.0.0.1:${port} cannot be used`) },
  ]);
  expect(JSON.stringify(found)).not.toContain(secret);
});
