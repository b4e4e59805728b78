// An attack goes on while Redis is killed, stands still, is full, is cut off, or is replaced: nothing throws, the attack stays
// bounded, nobody is refused as over a limit who is not, and the windows are used again by themselves.

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  type Degraded,
  type Guard,
  GuardError,
} from "@fluxstudio/guard";
import { connectRedis, createRedisWindowStore } from "@fluxstudio/guard/redis";
import { createClient } from "@redis/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { startRedisCluster } from "../../tools/test-services/redis-cluster.ts";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import { provide } from "../../tools/test-services/system-program.ts";
import { createProxy } from "./proxy.ts";

const [program = ""] = provide([redisProgram]);
const threshold = 5;
const insured = Math.floor(threshold / 2);
const guesses = 10;
const patienceMs = 20_000;

async function redis(lines: readonly string[] = []) {
  const server = await startRedis(program, { lines });
  onTestFinished(() => server.stop());
  const password = new URL(server.url).password;
  const admin = async (...args: string[]) => {
    const client = await createClient({ url: server.url }).connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  };
  return { ...server, password, admin };
}

async function proxied(port: number, password: string) {
  const proxy = await createProxy(port);
  onTestFinished(() => proxy.close());
  return { proxy, url: `redis://:${password}@127.0.0.1:${proxy.port}` };
}

/** A guard on that Redis, and what it said of the store. */
async function guardOn(url: string, storeTimeoutMs?: number) {
  const connection = connectRedis({ url, onError: () => {} });
  const changes: (Degraded | undefined)[] = [];
  const guard = createGuard({
    rules: builtInRules,
    windows: createRedisWindowStore({ connection }),
    decisions: createMemoryDecisionStore(),
    // What nobody has a code for is not expected here.
    onError: (error) => {
      if (!(error instanceof GuardError)) console.error(error);
    },
    ...(storeTimeoutMs && { storeTimeoutMs }),
    onDegraded: (degraded) => changes.push(degraded),
  });
  onTestFinished(async () => {
    await guard.close();
    await connection.close();
  });
  return { guard, connection, changes };
}

/** Guesses of one address after the other, ten each at an account of its own, until it is told to end. */
function attack(guard: Guard, block: number) {
  let goesOn = true;
  let addresses = 0;
  let most = 0;
  let limited = 0;
  let slowestMs = 0;
  async function run(): Promise<void> {
    while (goesOn) {
      const ip = `10.${block}.${addresses >> 8}.${addresses & 255}`;
      addresses++;
      let allowed = 0;
      for (let i = 0; i < guesses && goesOn; i++) {
        const signal = { at: Date.now(), ip, account: `account ${ip}`, id: `${ip} ${i}` };
        const begin = performance.now();
        const { action, reason } = await guard.check({ ...signal, type: "sign-in-attempt" });
        slowestMs = Math.max(slowestMs, performance.now() - begin);
        if (reason === "over-limit" && allowed < insured) limited++;
        if (action !== "allow") continue;
        allowed++;
        await guard.record({ ...signal, type: "sign-in-failure" });
      }
      most = Math.max(most, allowed);
      // A pause, so that timers and sockets have their turn.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const running = run();
  return {
    async end() {
      goesOn = false;
      await running;
      return { addresses, most, limited, slowestMs: Math.round(slowestMs) };
    },
  };
}

const lost = (guard: Guard) =>
  expect.poll(() => guard.degraded()?.reason, { timeout: patienceMs, interval: 20 });
const back = (guard: Guard) =>
  expect.poll(() => guard.degraded(), { timeout: patienceMs, interval: 20 }).toBe(undefined);

/** Attacks through the whole of it, and prints what came of it. */
async function survives(guard: Guard, name: string, fault: () => Promise<void>): Promise<void> {
  const attacking = attack(guard, 1);
  await fault();
  const restoredAt = performance.now();
  await back(guard);
  const recoveredMs = Math.round(performance.now() - restoredAt);
  const { addresses, most, limited, slowestMs } = await attacking.end();
  console.log(
    `${name}: ${addresses} addresses, at most ${most} guesses each, slowest check ${slowestMs} ms, back after ${recoveredMs} ms`,
  );
  expect(limited).toBe(0);
  expect(most).toBeLessThanOrEqual(threshold + insured);
  expect(addresses).toBeGreaterThan(10);
  // Exact again.
  const after = attack(guard, 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await after.end()).toMatchObject({ most: threshold });
}

describe("an attack goes on while", () => {
  it("Redis is killed, and comes back empty", async () => {
    const first = await redis();
    const { guard, connection } = await guardOn(first.url);
    await connection.ready;
    await survives(guard, "killed", async () => {
      first.signal("SIGKILL");
      await lost(guard).toBe("STORE_UNAVAILABLE");
      const second = await startRedis(program, { port: first.port, password: first.password });
      onTestFinished(() => second.stop());
    });
  });

  it("Redis stands still", async () => {
    const server = await redis();
    const { guard, connection } = await guardOn(server.url);
    await connection.ready;
    await survives(guard, "standing still", async () => {
      server.signal("SIGSTOP");
      await lost(guard).toBe("STORE_TIMEOUT");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      server.signal("SIGCONT");
    });
  });

  it("Redis is full", async () => {
    const server = await redis(["maxmemory-policy noeviction"]);
    const { guard, connection } = await guardOn(server.url);
    await connection.ready;
    await survives(guard, "full", async () => {
      await server.admin("CONFIG", "SET", "maxmemory", "1");
      await lost(guard).toBe("STORE_FULL");
      await server.admin("CONFIG", "SET", "maxmemory", "0");
    });
  });

  it("Redis was full before it was asked anything", async () => {
    const server = await redis(["maxmemory-policy noeviction"]);
    await server.admin("CONFIG", "SET", "maxmemory", "1");
    const { guard, connection } = await guardOn(server.url);
    await connection.ready;
    const attacking = attack(guard, 1);
    await lost(guard).toBe("STORE_FULL");
    await attacking.end();
  });

  it("the network drops every packet", async () => {
    const server = await redis();
    const { proxy, url } = await proxied(server.port, server.password);
    const { guard, connection } = await guardOn(url);
    await connection.ready;
    await survives(guard, "packets dropped", async () => {
      proxy.drop();
      await lost(guard).toBe("STORE_TIMEOUT");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      proxy.pass();
    });
  });

  it("the password is wrong, until it is set right on the server", async () => {
    const server = await redis();
    const { guard } = await guardOn(server.url.replace(server.password, "another"));
    await survives(guard, "wrong password", async () => {
      await lost(guard).toBe("STORE_UNAVAILABLE");
      await server.admin("CONFIG", "SET", "requirepass", "another");
    });
  });

  it("a replica is promoted, and the old master is still there, and takes no writes", async () => {
    const master = await redis();
    const replica = await redis([
      `replicaof 127.0.0.1 ${master.port}`,
      `masterauth ${master.password}`,
      "repl-diskless-sync-delay 0",
    ]);
    await replica.admin("CONFIG", "SET", "requirepass", master.password);
    const { proxy, url } = await proxied(master.port, master.password);
    const { guard, connection } = await guardOn(url);
    await connection.ready;
    await survives(guard, "replica promoted", async () => {
      await master.admin("CONFIG", "SET", "masterauth", master.password);
      await master.admin("REPLICAOF", "127.0.0.1", String(replica.port));
      await lost(guard).toBe("STORE_UNAVAILABLE");
      const promoted = createClient({ url: replica.url.replace(replica.password, master.password) });
      await promoted.connect();
      await promoted.sendCommand(["REPLICAOF", "NO", "ONE"]);
      promoted.destroy();
      proxy.lead(replica.port);
    });
  });

  it("a master of a cluster is killed, and its replica takes over", async () => {
    const cluster = await startRedisCluster(program);
    onTestFinished(() => cluster.stop());
    const { guard, connection } = await guardOn(cluster.url);
    await connection.ready;
    await survives(guard, "master of a cluster killed", async () => {
      cluster.nodes[0]?.signal("SIGKILL");
      await lost(guard).toMatch(/^STORE_/);
    });
  });
});

it("two processes whose clocks are 30 s apart admit exactly the threshold together", async () => {
  const server = await redis();
  const [one, other] = [await guardOn(server.url, patienceMs), await guardOn(server.url, patienceMs)];
  await Promise.all([one.connection.ready, other.connection.ready]);
  const now = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const { guard } = i % 2 ? one : other;
      const at = now + (i % 2 ? 30_000 : 0);
      return guard.check({ type: "sign-in-attempt", at, ip: "203.0.113.7", id: `guess ${i}` });
    }),
  );
  expect(answers.filter(({ action }) => action === "allow")).toHaveLength(threshold);
});
