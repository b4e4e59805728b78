// What processes of flux-auth share through Redis: counts, and what is decided as soon as it is.

import { setTimeout as pause } from "node:timers/promises";
import { type DecisionStore, type Degraded, parseRedisUrls, type WindowStore } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";

export interface SharedStoresOptions {
  /** Valid; may hold a password. */
  readonly url: string;
  readonly logger: Pick<Logger, "info" | "error">;
  readonly now: () => number;
  /** How long a start waits for Redis before it goes on without. @default 2_000 */
  readonly longestWaitMs?: number;
}

export interface SharedStores {
  readonly windows: WindowStore;
  readonly decisions: DecisionStore;
  /** Why and since when there is no connection, whether or not somebody has asked for one; undefined while there is. */
  degraded(): Degraded | undefined;
  /** Ends the connection, once the stores are closed. */
  close(): Promise<void>;
}

/** Loads the client, which a single server does without. Never fails for want of a server: that is told, and mended by itself. */
export async function connectSharedStores(options: SharedStoresOptions): Promise<SharedStores> {
  const { url, logger, now, longestWaitMs = 2_000 } = options;
  const { connectRedis, createRedisDecisionStore, createRedisWindowStore } = await import(
    "@fluxstudio/guard/redis"
  );
  const server = parseRedisUrls(url)
    .map(({ host }) => host)
    .join(", ");
  let isStarting = true;
  let reason: unknown;
  let isLost = false;
  const connection = connectRedis({
    url,
    now,
    onError(error) {
      reason = error;
      if (isStarting) return;
      isLost = true;
      logger.error({ err: error, server }, "There is no connection to Redis; trying again");
    },
    onOpen() {
      if (isLost) logger.info({ server }, "There is a connection to Redis again");
      isLost = false;
    },
  });
  const decisions = createRedisDecisionStore({
    connection,
    now,
    onError: (error) => logger.error({ err: error, server }, "Redis does not take decisions; trying again"),
  });
  const isReady = await Promise.race([
    connection.ready.then(() => true),
    pause(longestWaitMs, false, { ref: false }),
  ]);
  isStarting = false;
  if (!isReady) {
    logger.error(
      { err: reason, server },
      "Redis is not reachable: flux-auth starts without it, and uses it as soon as it answers. Is REDIS_URL right?",
    );
    void connection.ready.then(() => logger.info({ server }, "Redis is used from now on"));
  }
  return {
    windows: createRedisWindowStore({ connection }),
    decisions,
    degraded() {
      const since = connection.lostSince();
      return since === undefined ? undefined : { reason: "STORE_UNAVAILABLE", since };
    },
    close: () => connection.close(),
  };
}
