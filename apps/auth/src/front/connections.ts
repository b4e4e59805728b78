// How many connections there may be, and how long one may take to say what it wants.

import type { Server, ServerOptions } from "node:http";
import { BlockList, isIPv6, type Socket } from "node:net";
import { ipScopeValue, normaliseIp, normaliseScopeValue } from "@fluxstudio/guard";
import type { Logger } from "@fluxstudio/telemetry";

/** A connection costs some 15 kB, also one on which nobody says anything. */
const maxConnections = 10_000;
/** A browser opens six, and closes what it does not use; an office with hundreds of them shares an address. */
const maxFromOneAddress = 500;

/** The runtime's own are 60 and 300 s, looked after every 30 s: for as long each connection is taken by who says nothing. */
export const timeLimits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

export interface ConnectionOptions {
  /** Addresses and ranges whose connections are those of many clients. */
  readonly trustedProxies: readonly string[];
  /** @default 500 */
  readonly maxPerAddress?: number;
  /** How long neither side may take anything of the other's. The runtime's own waits for ever. @default 60_000 */
  readonly maxSilenceMs?: number;
  readonly logger: Pick<Logger, "warn">;
}

const tellEveryMs = 60_000;

/** Closes what is more at once: nothing is read of it, and a line a minute says so. */
export function limitConnections(server: Server, options: ConnectionOptions): void {
  const { trustedProxies, maxPerAddress = maxFromOneAddress, maxSilenceMs = 60_000, logger } = options;
  server.maxConnections = maxConnections;
  // Who does not read an answer would keep its connection otherwise. A WebSocket has its own pings.
  server.timeout = maxSilenceMs;
  const proxies = rangesOf(trustedProxies);
  const open = new Map<string, number>();
  const tell = createDropLog(logger);
  server.on("drop", () => tell("inAll"));
  server.on("connection", (socket: Socket) => {
    const peer = normaliseIp(socket.remoteAddress ?? "");
    if (peer === undefined || proxies.check(peer, familyOf(peer))) return;
    const from = ipScopeValue(peer);
    const count = (open.get(from) ?? 0) + 1;
    open.set(from, count);
    socket.once("close", () => {
      const left = (open.get(from) ?? 0) - 1;
      if (left > 0) open.set(from, left);
      else open.delete(from);
    });
    if (count > maxPerAddress) {
      tell("ofOneAddress");
      socket.destroy();
    }
  });
}

function createDropLog(logger: Pick<Logger, "warn">): (limit: "ofOneAddress" | "inAll") => void {
  let closed = { ofOneAddress: 0, inAll: 0 };
  let nextAt = 0;
  return (limit) => {
    closed[limit]++;
    const now = performance.now();
    if (now < nextAt) return;
    nextAt = now + tellEveryMs;
    logger.warn(
      { closed },
      "Too many connections at once: some were closed. If those of one address are a proxy's, name it in TRUSTED_PROXIES",
    );
    closed = { ofOneAddress: 0, inAll: 0 };
  };
}

const familyOf = (ip: string) => (isIPv6(ip) ? "ipv6" : "ipv4");

function rangesOf(entries: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const entry of entries) {
    const [ip = "", bits] = normaliseScopeValue("ip-prefix", entry).split("/");
    ranges.addSubnet(ip, Number(bits), familyOf(ip));
  }
  return ranges;
}
