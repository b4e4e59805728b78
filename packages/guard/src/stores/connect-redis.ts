// A connection to Redis or Valkey, one server or a cluster, that is made anew by itself when it breaks or the server hangs.

import { createClusterClient, createServerClient, type RedisClient } from "./redis-client.ts";
import type { RedisConnection, RedisListener, RedisScript, ScriptCall } from "./redis-connection.ts";
import { redisError } from "./redis-error.ts";
import { parseRedisUrls } from "./redis-url.ts";

export interface RedisOptions {
  /**
   * `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. One address is one server; several, separated
   * by commas, are nodes of a cluster, which all have the first one's user and password.
   */
  readonly url: string;
  /** Told why there is no connection, once for each reason until there is one again; must not throw. */
  readonly onError: (error: unknown) => void;
  /** Told whenever there is a connection, for the first time or again; must not throw. @default nobody is told */
  readonly onOpen?: () => void;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const lookEveryMs = 1000;
/** A server that has not answered for so many looks hangs. Its connection may never end by itself, so another one is tried. */
const mostSilentLooks = 2;
const mostReasons = 100;

/**
 * Returns at once and connects meanwhile; `ready` tells when.
 * @throws GuardError `INVALID_OPTIONS`
 */
export function connectRedis({ url, onError, onOpen, now = Date.now }: RedisOptions): RedisConnection {
  const urls = parseRedisUrls(url);
  const isCluster = urls.length > 1;
  const subscriptions = new Map<string, RedisListener>();
  const reported = new Set<string>();
  const giving = new Map<string, Promise<unknown>>();
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let isPinging = false;
  let silentLooks = 0;
  let lostAt: number | undefined = now();
  let hasLeft = false;
  let client = begin();
  const watch = setInterval(look, lookEveryMs).unref();

  function begin(): RedisClient {
    const begun: RedisClient = (isCluster ? createClusterClient : createServerClient)(urls, {
      onReady: () => {
        reported.clear();
        lostAt = undefined;
        isReady();
        onOpen?.();
        for (const [channel, listener] of subscriptions) void open(begun, channel, listener).catch(report);
      },
      onError: report,
    });
    begun.connect();
    return begun;
  }

  function report(error: unknown): void {
    if (!client.isReady()) lostAt ??= now();
    const reason = String(error);
    if (reported.has(reason) || reported.size >= mostReasons) return;
    reported.add(reason);
    onError(error);
  }

  /** Where the subscription stands already, the client does nothing. */
  async function open(on: RedisClient, channel: string, listener: RedisListener): Promise<void> {
    await on.subscribe(channel, listener.onMessage);
    listener.onOpen();
  }

  /** Looks are counted, not seconds: when this process stood still itself, the answer is read before the next look. */
  function look(): void {
    hasLeft = false;
    if (silentLooks >= mostSilentLooks) {
      beginAnew();
      return;
    }
    silentLooks++;
    const asked = client;
    if (isPinging || !asked.isReady()) return;
    isPinging = true;
    const end = (isAnswered: boolean) => {
      if (asked !== client) return;
      isPinging = false;
      if (isAnswered) silentLooks = 0;
    };
    asked.ping().then(
      () => end(true),
      () => end(false),
    );
  }

  function beginAnew(): void {
    client.destroy();
    isPinging = false;
    silentLooks = 0;
    lostAt ??= now();
    client = begin();
  }

  /**
   * Once a master, now a replica: its name may lead to the new one. When it does not, whatever is sent as soon as there is a
   * connection must not end that one, too: once between two looks is enough.
   */
  function leaveReplica(asked: RedisClient, error: unknown): void {
    if (!reasonOf(error).startsWith("READONLY") || asked !== client || hasLeft) return;
    hasLeft = true;
    beginAnew();
  }

  /** Calls that find a script missing at the same time give it once. Resolves with the reason, when the server does not take it. */
  function give(to: RedisClient, key: string, { id, source }: RedisScript): Promise<unknown> {
    const begun = giving.get(id);
    if (begun !== undefined) return begun;
    const given = to.send(key, ["FUNCTION", "LOAD", "REPLACE", source]).catch((error) => {
      report(error);
      leaveReplica(to, error);
      return error;
    });
    giving.set(id, given);
    return given.finally(() => giving.delete(id));
  }

  const isMissing = (error: unknown): boolean => reasonOf(error).includes("Function not found");

  async function send({ script, keys, args }: ScriptCall): Promise<unknown> {
    const [key = ""] = keys;
    const asked = client;
    const command = ["FCALL", script.id, String(keys.length), ...keys, ...args];
    try {
      return await asked.send(key, command);
    } catch (error) {
      if (!isMissing(error)) {
        leaveReplica(asked, error);
        throw error;
      }
      const refused = await give(asked, key, script);
      // Whatever was wrong: one master of a cluster may be away while this one has it.
      return await asked.send(key, command).catch((again) => {
        throw isMissing(again) ? (refused ?? again) : again;
      });
    }
  }

  const fail = (error: unknown): never => {
    throw redisError(error);
  };

  return {
    name: isCluster ? "redis cluster" : "redis",
    database: Number(urls[0].pathname.slice(1)),
    ready,
    lostSince: () => lostAt,
    async run(calls) {
      if (client.isReady()) return Promise.all(calls.map(send)).catch(fail);
      return fail(undefined);
    },
    async subscribe(channel, listener) {
      subscriptions.set(channel, listener);
      if (client.isReady()) await open(client, channel, listener);
    },
    async close() {
      clearInterval(watch);
      client.destroy();
    },
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "");
