// The contract of a connection to Redis or Valkey, one server or a cluster: what the stores need of a client, and no more.

import { GuardError } from "../errors.ts";

/** A Lua script as a function of the server (FCALL), which is sent in full only when the server does not have it. */
export interface RedisScript {
  /** For messages: the file's name without its ending. */
  readonly name: string;
  /** What the server calls it. */
  readonly id: string;
  /** The library that it is the only function of. */
  readonly source: string;
}

/** One script on keys of one hash slot. */
export interface ScriptCall {
  readonly script: RedisScript;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** What a subscriber is told. */
export interface RedisListener {
  readonly onMessage: (message: string) => void;
  /** The subscription stands, for the first time or again: what was published meanwhile may be lost to this process. */
  readonly onOpen: () => void;
}

/**
 * Nothing waits for a server that is away: without a connection `run` rejects at once, and reconnecting goes on by itself,
 * with at most a second between two tries.
 */
export interface RedisConnection {
  /** One word or two for start-up lines and health pages, e.g. `redis`, `redis cluster`. */
  readonly name: string;
  /** The number of its database. Messages, unlike keys, are heard in all databases of a server. */
  readonly database: number;
  /** Resolves when there is a connection for the first time, and never rejects. */
  readonly ready: Promise<void>;
  /** Since when there is no connection, or no answer on it, milliseconds since 1970; undefined while there is one. */
  lostSince(): number | undefined;
  /**
   * Writes all calls out at once, so that they cost one round trip, and answers each in its place. A server that has lost a
   * script (restart, `FUNCTION FLUSH`, failover) is given it again, and only the calls that failed for it are repeated.
   * @throws GuardError `STORE_UNAVAILABLE`, at once, without a connection
   * @throws the first error of a call; the others may have been carried out
   */
  run(calls: readonly ScriptCall[]): Promise<readonly unknown[]>;
  /**
   * Subscribes for as long as the connection lives, and renews the subscription by itself. One listener for each channel.
   * Resolves when the subscription stands, or at once when there is no connection: `onOpen` tells.
   */
  subscribe(channel: string, listener: RedisListener): Promise<void>;
  close(): Promise<void>;
}

/** For callers whom no type has told. @throws GuardError `INVALID_OPTIONS` */
export function refuseMissingConnection(options: { readonly connection: RedisConnection } | undefined): void {
  if (typeof options?.connection?.run === "function") return;
  throw new GuardError(
    "INVALID_OPTIONS",
    "A store in Redis needs a `connection`: connectRedis({ url, onError }).",
  );
}
