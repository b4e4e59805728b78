// The guard with windows in Redis: beside limiters, beside a bare PING, with many live values, and from many processes.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createClient } from "@redis/client";
import { redisProgram, startRedis } from "../tools/test-services/redis-server.ts";
import { provide } from "../tools/test-services/system-program.ts";
import { median } from "./median.ts";
import type { RedisFigures, RedisTask } from "./redis-process.ts";

const rounds = 5;
const ms = 2000;
const addresses = 20_000;
const prefix = "flux";
const targets = { toLimiters: 4, toPing: 0.7, bytes: 250 };
const liveValues = [1e3, 1e5, 1e7];
const mostProcesses = 4;
const chunk = 250_000;
const longestMs = 600_000;

export async function measureRedis(): Promise<object> {
  const [program = ""] = provide([redisProgram]);
  const server = await startRedis(program);
  const { url } = server;
  const admin = await createClient({ url }).connect();
  const children = await Promise.all(Array.from({ length: mostProcesses }, begin));
  const [child] = children as [ChildProcess];
  const task = { url, prefix, ms, addresses, inFlight: 64, from: 0 };
  const info = async (section: string, name: string) =>
    Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(await admin.info(section))?.[1]);
  /** Seconds that the one thread which carries out commands has worked. */
  const redisCpu = async () =>
    (await info("cpu", "used_cpu_user_main_thread")) + (await info("cpu", "used_cpu_sys_main_thread"));

  async function besidePeers() {
    const kinds = ["guard", "limiters", "limiters-node-redis"] as const;
    const found: Record<(typeof kinds)[number], RedisFigures>[] = [];
    for (let round = 0; round <= rounds; round++) {
      const one = {} as Record<(typeof kinds)[number], RedisFigures>;
      for (const what of kinds) one[what] = await ask(child, { ...task, what });
      // The first round warms up.
      if (round > 0) found.push(one);
    }
    const rate = (what: (typeof kinds)[number]) =>
      Math.round(median(found.map((one) => one[what].perSecond)));
    const ratioTo = (what: "limiters" | "limiters-node-redis") =>
      Number(median(found.map((one) => one.guard.perSecond / one[what].perSecond)).toFixed(2));
    const ratio = ratioTo("limiters");
    return {
      ownPerSecond: rate("guard"),
      ownCpuMicros: Number(median(found.map((one) => one.guard.cpuMicros)).toFixed(1)),
      // With ioredis, as its documentation has it; and with the client that the guard uses, its timers off as well.
      sixLimitersPerSecond: rate("limiters"),
      sixLimitersOnTheSameClientPerSecond: rate("limiters-node-redis"),
      ratio,
      ratioOnTheSameClient: ratioTo("limiters-node-redis"),
      target: targets.toLimiters,
      reached: ratio >= targets.toLimiters,
    };
  }

  async function besidePing() {
    const pairs: [number, number][] = [];
    for (let round = 0; round <= rounds; round++) {
      const own = await ask(child, { ...task, what: "guard", inFlight: 1 });
      const ping = await ask(child, { ...task, what: "ping", inFlight: 1 });
      if (round > 0) pairs.push([own.perSecond, ping.perSecond]);
    }
    const ratio = Number(median(pairs.map(([own, ping]) => own / ping)).toFixed(2));
    return {
      ownPerSecond: Math.round(median(pairs.map(([own]) => own))),
      pingPerSecond: Math.round(median(pairs.map(([, ping]) => ping))),
      ratio,
      target: targets.toPing,
      reached: ratio >= targets.toPing,
    };
  }

  async function besideProcesses() {
    const table: object[] = [];
    for (let count = 1; count <= mostProcesses; count++) {
      const cpu = await redisCpu();
      const begin = performance.now();
      const all = await Promise.all(
        children
          .slice(0, count)
          .map((one, i) => ask(one, { ...task, what: "guard", ms: 5000, from: i * addresses })),
      );
      const seconds = (performance.now() - begin) / 1000;
      table.push({
        processes: count,
        perSecond: Math.round(all.reduce((sum, one) => sum + one.perSecond, 0)),
        redisCore: Number((((await redisCpu()) - cpu) / seconds).toFixed(2)),
        clientCores: Number(
          all.reduce((sum, one) => sum + (one.perSecond * one.cpuMicros) / 1e6, 0).toFixed(2),
        ),
      });
    }
    return table;
  }

  /** Each signal is of an address and an account: two live values, with one window each. */
  async function besideLiveValues() {
    const curve: object[] = [];
    for (const live of liveValues) {
      await admin.flushAll();
      const empty = await info("memory", "used_memory");
      const pairs = live / 2;
      for (let from = 0; from < pairs; from += chunk) {
        process.stderr.write(`  ${2 * from} of ${live} live values\r`);
        const most = Math.min(chunk, pairs - from);
        await ask(child, { ...task, what: "guard", addresses: most, from, most, ms: longestMs });
      }
      const bytes = ((await info("memory", "used_memory")) - empty) / (await admin.dbSize());
      const cpu = await redisCpu();
      const { perSecond } = await ask(child, { ...task, what: "guard", addresses: pairs, ms: 5000 });
      const spent = (await redisCpu()) - cpu;
      curve.push({
        live: await admin.dbSize(),
        perSecond: Math.round(perSecond),
        redisMicros: Number(((spent * 1e6) / (perSecond * 5)).toFixed(1)),
        bytesPerValue: Math.round(bytes),
      });
    }
    return curve;
  }

  try {
    const peers = await besidePeers();
    await admin.flushAll();
    const ping = await besidePing();
    await admin.flushAll();
    return { peers, ping, processes: await besideProcesses(), live: await besideLiveValues() };
  } finally {
    for (const one of children) one.disconnect();
    admin.destroy();
    await server.stop();
  }
}

async function begin(): Promise<ChildProcess> {
  const child = fork(new URL("redis-process.ts", import.meta.url));
  await once(child, "message");
  return child;
}

async function ask(child: ChildProcess, task: RedisTask): Promise<RedisFigures> {
  child.send(task);
  const [figures] = await once(child, "message");
  return figures as RedisFigures;
}
