// A private Redis cluster for one test: three masters with a replica each, on loopback.

import { randomBytes } from "node:crypto";
import { createClient } from "@redis/client";
import { startRedis } from "./redis-server.ts";
import { freePort, type TestServer } from "./server-process.ts";

export interface RedisCluster {
  /** Addresses of all nodes, separated by commas. */
  readonly url: string;
  /** The first three are the masters at the beginning; the next three their replicas. */
  readonly nodes: readonly TestServer[];
  stop(): Promise<void>;
}

const masters = 3;
const slots = 16_384;
const formTimeoutMs = 20_000;
/** After this the others take a node for dead. */
const nodeTimeoutMs = 1000;

/** @throws Error when it has not formed after 20 seconds */
export async function startRedisCluster(program: string): Promise<RedisCluster> {
  const password = randomBytes(16).toString("hex");
  const started = await Promise.allSettled(
    Array.from({ length: 2 * masters }, async () => {
      const busPort = await freePort();
      const lines = [
        "cluster-enabled yes",
        `cluster-port ${busPort}`,
        `cluster-node-timeout ${nodeTimeoutMs}`,
        `masterauth ${password}`,
        "repl-diskless-sync-delay 0",
      ];
      const server = await startRedis(program, { password, lines });
      const client = await createClient({ url: server.url }).connect();
      const ask = (...args: string[]) => client.sendCommand<string>(args);
      return { server, busPort, ask, hangUp: () => client.destroy() };
    }),
  );
  const nodes = started.filter((one) => one.status === "fulfilled").map((one) => one.value);
  const stop = async () => void (await Promise.all(nodes.map(({ server }) => server.stop())));
  try {
    const failed = started.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    await form(nodes);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const { hangUp } of nodes) hangUp();
  }
  const servers = nodes.map(({ server }) => server);
  return { url: servers.map(({ url }) => url).join(","), nodes: servers, stop };
}

interface Node {
  readonly server: TestServer;
  readonly busPort: number;
  ask(...args: string[]): Promise<string>;
}

async function form(nodes: readonly Node[]): Promise<void> {
  const [first] = nodes as readonly [Node, ...Node[]];
  const deadline = Date.now() + formTimeoutMs;
  const untilAll = async (isDone: (node: Node, place: number) => Promise<boolean>) => {
    while (!(await Promise.all(nodes.map(isDone))).every(Boolean)) {
      if (Date.now() > deadline) throw new Error("The Redis cluster did not form within 20 seconds.");
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  for (const [i, { ask }] of nodes.entries()) {
    const [from, end] = [Math.floor((i * slots) / masters), Math.floor(((i + 1) * slots) / masters)];
    if (i < masters) await ask("CLUSTER", "ADDSLOTSRANGE", String(from), String(end - 1));
    await ask("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
    if (i > 0) await ask("CLUSTER", "MEET", "127.0.0.1", String(first.server.port), String(first.busPort));
  }
  await untilAll(async ({ ask }) => {
    const known = (await ask("CLUSTER", "NODES")).trim().split("\n");
    return known.length === nodes.length && !known.some((line) => line.includes("handshake"));
  });
  for (const [i, { ask }] of nodes.entries()) {
    const master = nodes[i - masters];
    if (master) await ask("CLUSTER", "REPLICATE", await master.ask("CLUSTER", "MYID"));
  }
  await untilAll(async ({ ask }, i) => {
    const isWhole = (await ask("CLUSTER", "INFO")).includes("cluster_state:ok");
    return isWhole && (i < masters || (await ask("INFO", "replication")).includes("master_link_status:up"));
  });
}
