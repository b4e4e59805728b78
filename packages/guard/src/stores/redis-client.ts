// What is used of the client library, the same for one server and for a cluster. Nothing here waits for a server that is away.

import { createClient, createCluster, type RedisClientOptions } from "@redis/client";

/** One client of the library. When its server hangs it is destroyed, and another one takes its place. */
export interface RedisClient {
  isReady(): boolean;
  /** Tries until it succeeds or is destroyed. */
  connect(): void;
  /** @throws at once without a connection */
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** Resolves when every server that it speaks to has answered. */
  ping(): Promise<unknown>;
  subscribe(channel: string, onMessage: (message: string) => void): Promise<unknown>;
  destroy(): void;
}

export interface RedisClientEvents {
  /** A connection stands, for the first time or again; subscriptions have been renewed. */
  onReady(): void;
  onError(error: unknown): void;
}

const longestPauseMs = 500;
/** The library makes a timer for each command otherwise, which costs more than the command. */
const noTimer = { timeout: undefined };

const settings: RedisClientOptions = {
  disableOfflineQueue: true,
  maintNotifications: "disabled",
  socket: {
    connectTimeout: 1000,
    reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), longestPauseMs),
  },
};

export function createServerClient(
  [url]: readonly [URL, ...URL[]],
  { onReady, onError }: RedisClientEvents,
): RedisClient {
  const client = createClient({ ...settings, url: url.href });
  client.on("ready", onReady).on("error", onError);
  return {
    isReady: () => client.isReady,
    connect: () => void client.connect().catch(onError),
    send: (_, args) => client.sendCommand(args, noTimer),
    ping: () => client.sendCommand(["PING"], noTimer),
    subscribe: (channel, onMessage) => client.subscribe(channel, onMessage),
    destroy: () => client.destroy(),
  };
}

/** @param urls some of the nodes, by which the others are found; user, password and TLS are the first one's for all */
export function createClusterClient(
  urls: readonly [URL, ...URL[]],
  { onReady, onError }: RedisClientEvents,
): RedisClient {
  const [{ username, password, protocol }] = urls;
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ socket: { host: hostOf(url), port: Number(url.port || 6379) } })),
    defaults: {
      ...settings,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      socket: { ...settings.socket, ...(protocol === "rediss:" && { tls: true }) },
    },
    // Otherwise discovery waits for a master that is down, and the one that takes its place is never found.
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: longestPauseMs,
  });
  let isDestroyed = false;
  cluster.on("node-ready", onReady).on("node-error", onError).on("error", onError);
  const connect = () => {
    if (isDestroyed) return;
    cluster.connect().catch((error: unknown) => {
      onError(error);
      setTimeout(connect, longestPauseMs);
    });
  };
  return {
    isReady: () => cluster.isReady,
    connect,
    send: (key, args) => cluster.sendCommand(key, false, [...args], noTimer),
    ping: () => {
      const masters = cluster.masters.map((node) => cluster.nodeClient(node));
      const clients = [...masters, ...(cluster.pubSubNode ? [cluster.pubSubNode.client] : [])];
      return Promise.all(clients.map(async (client) => (await client).sendCommand(["PING"], noTimer)));
    },
    subscribe: (channel, onMessage) => cluster.subscribe(channel, onMessage),
    destroy: () => {
      isDestroyed = true;
      cluster.destroy();
    },
  };
}

/** In a URL an IPv6 address stands in brackets, which are no part of it. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");
