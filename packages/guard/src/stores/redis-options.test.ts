// Options that are missing are named, for callers whom no type has told.

import { expect, it } from "vitest";
import type { RedisConnection } from "./redis-connection.ts";
import { createRedisDecisionStore, type RedisDecisionStoreOptions } from "./redis-decision-store.ts";
import { createRedisWindowStore, type RedisWindowStoreOptions } from "./redis-window-store.ts";

const redis = { url: "redis://127.0.0.1:6379" };
const named = (name: string) =>
  expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining(`\`${name}\``) });

it.each([undefined, {}, { redis, onError: console.error }, { connection: redis }])(
  "of %j the connection is missing",
  (options) => {
    expect(() => createRedisWindowStore(options as unknown as RedisWindowStoreOptions)).toThrow(
      named("connection"),
    );
    expect(() => createRedisDecisionStore(options as unknown as RedisDecisionStoreOptions)).toThrow(
      named("connection"),
    );
  },
);

it("decisions need somebody who is told what no caller is", () => {
  const connection = { run: async () => [] } as unknown as RedisConnection;
  expect(() => createRedisDecisionStore({ connection } as unknown as RedisDecisionStoreOptions)).toThrow(
    named("onError"),
  );
});
