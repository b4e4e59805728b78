// Several flux-auth on one PostgreSQL and one Redis, all of them private, and a network to Redis that can be broken.

import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@redis/client";
import { postgresProgram, startPostgres } from "../../tools/test-services/postgres-server.ts";
import { redisProgram, startRedis } from "../../tools/test-services/redis-server.ts";
import type { TestServer } from "../../tools/test-services/server-process.ts";
import { provide } from "../../tools/test-services/system-program.ts";
import { createProxy, type TcpProxy } from "../redis/proxy.ts";
import { type FluxAuth, startFluxAuth } from "../server/server.ts";
import { readiness } from "./client.ts";

export interface Servers {
  readonly auths: readonly FluxAuth[];
  readonly network: TcpProxy;
  readonly redis: {
    signal(signal: NodeJS.Signals): void;
    /** After it was killed: an empty one in its place. */
    restart(): Promise<void>;
    ask(...command: string[]): Promise<unknown>;
  };
  stop(): Promise<void>;
}

/** @param settingsOf settings beside those that they share, or instead; told the address of Redis that no network stands before */
export async function startServers(
  count: number,
  settingsOf: (redisUrl: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<Servers> {
  const [redisPath = "", initdb = ""] = provide([redisProgram, postgresProgram]);
  const running: { stop(): Promise<void> }[] = [];
  const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    running.unshift(started);
    return started;
  };
  const stop = async () => {
    for (const one of running) await one.stop();
  };
  try {
    const lines = ["maxmemory-policy noeviction"];
    const [postgres, first] = await Promise.all([
      keep(startPostgres(initdb)),
      keep(startRedis(redisPath, { lines })),
    ]);
    let redis: TestServer = first;
    const { port } = first;
    const { password } = new URL(first.url);
    const network = await createProxy(port);
    running.unshift({ stop: () => network.close() });
    const shared = {
      DATABASE_URL: postgres.url,
      REDIS_URL: `redis://:${password}@127.0.0.1:${network.port}`,
      FLUX_SECRET: randomBytes(32).toString("hex"),
      // The addresses of the attack are in the header that a proxy would set.
      TRUSTED_PROXIES: "127.0.0.1,::1",
      LOG_LEVEL: "warn",
      ...settingsOf(first.url),
    };
    const auths = await Promise.all(
      Array.from({ length: count }, () => keep(startFluxAuth(async () => shared))),
    );
    // They start without Redis when it is not there in time, and count alone until it is.
    for (const { url } of auths) while ((await readiness(url)) !== "ok") await pause(50);
    return {
      auths,
      network,
      redis: {
        signal: (signal) => redis.signal(signal),
        async restart() {
          redis = await keep(startRedis(redisPath, { port, password, lines }));
        },
        async ask(...command) {
          const client = await createClient({ url: redis.url }).connect();
          try {
            return await client.sendCommand(command);
          } finally {
            client.destroy();
          }
        },
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
