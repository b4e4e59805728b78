// A flood of failed sign-ins at made-up accounts from ever new addresses fills Redis: what is guessed at meanwhile stays counted.

import { setTimeout as pause } from "node:timers/promises";
import { builtInRules, createGuard, createMemoryDecisionStore } from "@fluxstudio/guard";
import { connectRedis, createRedisWindowStore } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { expect, it, onTestFinished } from "vitest";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";

const [program = ""] = provide([redisProgram]);

it("what has not been used for longest makes room, and no rule goes over to its outage", async () => {
  const server = await startRedis(program, { lines: ["maxmemory 4mb", "maxmemory-policy volatile-lru"] });
  onTestFinished(() => server.stop());
  const connection = connectRedis({ url: server.url, onError: () => {} });
  const errors: unknown[] = [];
  const guard = createGuard({
    rules: builtInRules,
    windows: createRedisWindowStore({ connection }),
    decisions: createMemoryDecisionStore(),
    storeTimeoutMs: 20_000,
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await guard.close();
    await connection.close();
  });
  await connection.ready;

  const fail = async (place: number, account: string) => {
    const signal = { at: Date.now(), ip: `2001:db8:0:${place.toString(16)}::1`, account, id: `${place}` };
    await guard.check({ ...signal, type: "sign-in-attempt" });
    await guard.record({ ...signal, type: "sign-in-failure" });
  };
  const rounds = 7;
  const inRound = 1000;
  const counted: (number | undefined)[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round * inRound;
    for (let i = 1; i < inRound; i += 9)
      await Promise.all(Array.from({ length: 9 }, (_, j) => fail(first + i + j, `made up ${first + i + j}`)));
    await fail(first, "alice");
    const { windows } = await guard.explain("account", "alice", Date.now());
    // Redis tells times of use apart by the second; what was used in the same one goes by chance.
    await pause(1_100);
    counted.push(windows.find(({ window }) => window === "account-guessing.failures")?.count);
  }

  const admin = await createClient({ url: server.url }).connect();
  const stats = await admin.info("stats");
  admin.destroy();
  expect(Number(/evicted_keys:(\d+)/.exec(stats)?.[1])).toBeGreaterThan(inRound);
  expect(counted).toEqual(Array.from({ length: rounds }, (_, i) => i + 1));
  expect(errors).toEqual([]);
});
