// Finds the address of the client behind the proxies that the operator trusts, and tells when the set-up looks wrong.
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { GuardError } from "../errors.ts";
import { type ForwardedHeader, hopsFromRight } from "./forwarded.ts";
import { type Cidr, cidrContains, normaliseIp, readCidr } from "./ip-prefix.ts";

/** What was seen that a right set-up does not show. Each is told once. */
export interface ClientIpWarning {
  /**
   * - `FORWARDED_HEADER_UNTRUSTED`: a request carried a forwarded header, and its peer is not a trusted proxy
   * - `ONE_PRIVATE_CLIENT`: nearly all requests come from one private address
   */
  code: "FORWARDED_HEADER_UNTRUSTED" | "ONE_PRIVATE_CLIENT";
  /** `notice`: a stranger, or somebody who tries things out on this machine, can bring it about as well. */
  level: "problem" | "notice";
  message: string;
}

export interface ClientIpOptions {
  /** Addresses and CIDR ranges of the proxies in front; `unix` stands for peers without an address. @default [] */
  trustedProxies?: readonly string[];
  /**
   * The one header that these proxies set. The other is never read: a proxy passes on what it does not set, so
   * the client could choose it.
   * @default "x-forwarded-for"
   */
  forwardedHeader?: ForwardedHeader;
  onWarning?: (warning: ClientIpWarning) => void;
}

export interface ClientIpRequest {
  /** The peer of the socket; undefined for a Unix domain socket. */
  socketAddress: string | undefined;
  /** A request header by its lower-case name; lines of the same name joined by ", ". */
  header: (name: string) => string | undefined;
}

/** Says which address a request came from, in canonical form; `unknown` if there is none. */
export type ClientIp = (request: ClientIpRequest) => string;

/** What `clientIp` returns when there is no address at all. */
const UNKNOWN_IP = "unknown";

/**
 * Makes a function that says which address a request came from, in canonical form (see `normaliseIp`).
 *
 * It is the socket's peer, unless that is a trusted proxy. Then the forwarded header is read from right to left,
 * past trusted addresses, to the first one that is not trusted. An entry that is no address ends the walk, and the
 * valid hop to its right counts; in a chain of trusted addresses the leftmost does.
 *
 * @throws {GuardError} `INVALID_OPTIONS` if an entry of `trustedProxies` is not an address or range.
 */
export function createClientIp(options: ClientIpOptions = {}): ClientIp {
  const { forwardedHeader = "x-forwarded-for", onWarning } = options;
  const isTrusted = createTrust(options.trustedProxies ?? []);
  const watch = onWarning ? createSetupWatch(onWarning) : undefined;

  return ({ socketAddress, header }) => {
    const peer = socketAddress === undefined ? UNKNOWN_IP : (normaliseIp(socketAddress) ?? UNKNOWN_IP);
    if (!isTrusted(peer)) {
      watch?.untrustedPeer(peer, header);
      watch?.client(peer);
      return peer;
    }
    let client = peer;
    const forwarded = header(forwardedHeader);
    if (forwarded) {
      for (const hop of hopsFromRight(forwarded, forwardedHeader)) {
        if (hop === undefined) break;
        client = hop;
        if (!isTrusted(hop)) break;
      }
    }
    watch?.client(client);
    return client;
  };
}

function createTrust(trustedProxies: readonly string[]): (ip: string) => boolean {
  if (trustedProxies.length === 0) return () => false;
  const trustsUnix = trustedProxies.includes("unix");
  const ranges: Cidr[] = [];
  for (const entry of trustedProxies) {
    if (entry === "unix") continue;
    const range = readCidr(entry);
    if (!range) {
      throw new GuardError(
        "INVALID_OPTIONS",
        `trustedProxies: ${JSON.stringify(entry)} is neither an IP address nor a CIDR range such as 10.0.0.0/8`,
      );
    }
    ranges.push(range);
  }
  const memo = new LRUCache<string, boolean>({ max: 1024 });
  return (ip) => {
    if (ip === UNKNOWN_IP) return trustsUnix;
    const known = memo.get(ip);
    if (known !== undefined) return known;
    const trusted = ranges.some((range) => cidrContains(range, ip));
    memo.set(ip, trusted);
    return trusted;
  };
}

const WATCHED_REQUESTS = 200;
const WATCHED_SHARE = 0.9;

/** Looks for signs of a wrong set-up, in constant memory, until each has been told. */
function createSetupWatch(onWarning: (warning: ClientIpWarning) => void) {
  // A stranger on the internet can send the header to a server without proxies, and must not use up the warning
  // about the load balancer in the private network.
  const toldHeader = { private: false, public: false };
  let toldOneClient = false;
  let candidate = "";
  let requests = 0;
  let hits = 0;
  let nextCandidate = "";
  let votes = 0;

  return {
    untrustedPeer(peer: string, header: ClientIpRequest["header"]): void {
      if (toldHeader.private && toldHeader.public) return;
      const name = (["x-forwarded-for", "forwarded"] as const).find((each) => header(each) !== undefined);
      if (!name) return;
      const kind = isPublic(peer) ? "public" : "private";
      if (toldHeader[kind]) return;
      toldHeader[kind] = true;
      onWarning({
        code: "FORWARDED_HEADER_UNTRUSTED",
        level: kind === "public" ? "notice" : "problem",
        message: `A request from ${peer} carried ${name}, which was ignored. If ${peer} is your proxy, add ${trustEntry(peer)} (or the range your proxies have) to TRUSTED_PROXIES; if not, a client made the header up and nothing needs doing.`,
      });
    },

    /** Counts the winner of the last 200 requests' majority vote in the next 200. */
    client(ip: string): void {
      if (toldOneClient) return;
      if (ip === candidate) hits++;
      if (votes === 0) nextCandidate = ip;
      votes += ip === nextCandidate ? 1 : -1;
      if (candidate === "") {
        candidate = ip;
        hits = 1;
      }
      if (++requests < WATCHED_REQUESTS) return;
      if (hits > WATCHED_SHARE * requests && !isPublic(candidate)) {
        toldOneClient = true;
        onWarning({
          code: "ONE_PRIVATE_CLIENT",
          level: isLoopback(candidate) ? "notice" : "problem",
          message: `${hits} of ${requests} requests came from ${candidate}. It is probably a proxy: add ${trustEntry(candidate)} to TRUSTED_PROXIES, or all its clients are counted, and blocked, as one.`,
        });
      }
      candidate = nextCandidate;
      requests = 0;
      hits = 0;
      votes = 0;
    },
  };
}

function trustEntry(peer: string): string {
  return peer === UNKNOWN_IP ? "unix" : `${peer}/${peer.includes(":") ? 128 : 32}`;
}

function isLoopback(ip: string): boolean {
  return ip !== UNKNOWN_IP && ipaddr.parse(ip).range() === "loopback";
}

function isPublic(ip: string): boolean {
  return ip !== UNKNOWN_IP && ipaddr.parse(ip).range() === "unicast";
}
