// A Redis that takes no writes, because it is a replica: its address is tried again, and it is not besieged meanwhile.

import { connectRedis } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { expect, it, onTestFinished } from "vitest";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";

const [program = ""] = provide([redisProgram]);
const writing = {
  script: {
    name: "test",
    id: "flux_test",
    source: `#!lua name=flux_test
redis.register_function{ function_name = "flux_test", callback = function(KEYS) return redis.call("INCR", KEYS[1]) end }`,
  },
  keys: ["{a}"],
  args: [],
};

/** A server, and how often a connection to it has been made. */
async function connected() {
  const server = await startRedis(program);
  onTestFinished(() => server.stop());
  const admin = await createClient({ url: server.url }).connect();
  onTestFinished(() => admin.destroy());
  const connection = connectRedis({ url: server.url, onError: () => {} });
  onTestFinished(() => connection.close());
  let opened = 0;
  await connection.ready;
  await connection.subscribe("changes", { onMessage: () => {}, onOpen: () => opened++ });
  return {
    connection,
    // Nobody listens there.
    demote: () => admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]),
    opened: () => opened,
  };
}

it("is left again and again, but not at each refusal", async () => {
  const { connection, demote, opened } = await connected();
  expect(await connection.run([writing])).toEqual([1]);
  await demote();
  const refusals = 60;
  const refusal = () => connection.run([writing]).catch(({ cause }: Error) => String(cause));
  for (let i = 0; i < refusals; i++)
    await expect.poll(refusal, { interval: 1, timeout: 20_000 }).toContain("READONLY");
  await expect.poll(opened).toBeGreaterThan(1);
  expect(opened()).toBeLessThan(refusals / 2);
});

it("is left also when it was a replica before it was given the script", async () => {
  const { connection, demote, opened } = await connected();
  await demote();
  await expect(connection.run([writing])).rejects.toThrow();
  await expect.poll(opened).toBeGreaterThan(1);
});
