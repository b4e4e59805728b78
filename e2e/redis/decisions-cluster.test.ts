// Decisions on a cluster whose master is killed: what was decided before and meanwhile holds in every process afterwards.

import type { Decision } from "@fluxstudio/guard";
import { connectRedis, createRedisDecisionStore } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { expect, it, onTestFinished } from "vitest";
import { type RedisCluster, startRedisCluster } from "../../tools/test-services/redis-cluster.ts";
import { redisProgram } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";

const [program = ""] = provide([redisProgram]);
const patienceMs = 20_000;

async function startStore({ url }: RedisCluster) {
  const connection = connectRedis({ url, onError: () => {} });
  const store = createRedisDecisionStore({ connection, onError: () => {} });
  onTestFinished(async () => {
    await store.close?.();
    await connection.close();
  });
  await store.ready;
  return store;
}

const block = (id: string): Decision => {
  const at = Date.now();
  return {
    id,
    action: "block",
    scope: "device",
    value: id,
    origin: "rule",
    createdAt: at,
    until: at + 3_600_000,
  };
};

/** The node that has the decisions. */
async function holderIn({ nodes }: RedisCluster) {
  for (const node of nodes.slice(0, 3)) {
    const client = await createClient({ url: node.url }).connect();
    try {
      if (Number(await client.dbSize()) > 0) return node;
    } finally {
      client.destroy();
    }
  }
  throw new Error("No master has a key.");
}

it("survive the death of the master that has them", async () => {
  const cluster = await startRedisCluster(program);
  onTestFinished(() => cluster.stop());
  const [one, other] = [await startStore(cluster), await startStore(cluster)];
  const ids = (store: typeof one) =>
    store
      .list(Date.now())
      .map(({ id }) => id)
      .sort();
  await one.add(block("before"));
  await one.add(block("lifted"));
  await one.remove("lifted", Date.now());
  await expect.poll(() => ids(other)).toEqual(["before"]);
  (await holderIn(cluster)).signal("SIGKILL");
  const killedAt = performance.now();
  // Not acknowledged, perhaps; in force here in any case.
  await one.add(block("meanwhile")).catch(() => {});
  await other.add(block("of the other")).catch(() => {});
  const all = ["before", "meanwhile", "of the other"];
  for (const store of [one, other]) await expect.poll(() => ids(store), { timeout: patienceMs }).toEqual(all);
  console.log(
    `A master killed: all decisions in all processes after ${Math.round(performance.now() - killedAt)} ms.`,
  );
  expect(ids(await startStore(cluster))).toEqual(all);
});
