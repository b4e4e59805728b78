// What shares windows between processes through Redis or Valkey.

export { connectRedis, type RedisOptions } from "./connect-redis.ts";
export type { RedisConnection, RedisListener, RedisScript, ScriptCall } from "./redis-connection.ts";
export { createRedisWindowStore, type RedisWindowStoreOptions } from "./redis-window-store.ts";
