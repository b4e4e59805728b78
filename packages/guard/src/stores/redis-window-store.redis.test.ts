// Windows in Redis do what windows in memory do, on the server that `npm test` starts.

import { randomBytes } from "node:crypto";
import { it } from "vitest";
import { windowStoreConformance } from "../testing/window-store-conformance.ts";
import { connectRedis } from "./connect-redis.ts";
import { createRedisWindowStore } from "./redis-window-store.ts";

const connection = connectRedis({
  url: process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
  onError: (error) => console.error(error),
});
await connection.ready;

windowStoreConformance({
  it,
  create: () => createRedisWindowStore({ connection, prefix: randomBytes(6).toString("hex") }),
});
