// What shares windows and decisions between processes through Redis or Valkey.

export { connectRedis, type RedisOptions } from "./connect-redis.ts";
export type { RedisConnection, RedisListener, RedisScript, ScriptCall } from "./redis-connection.ts";
export {
  createRedisDecisionStore,
  type RedisDecisionStore,
  type RedisDecisionStoreOptions,
} from "./redis-decision-store.ts";
export { createRedisWindowStore, type RedisWindowStoreOptions } from "./redis-window-store.ts";
