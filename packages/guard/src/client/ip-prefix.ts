// Reads IP addresses and CIDR ranges strictly, and says under which value an address is counted.
import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { GuardError } from "../errors.ts";

/** A range of addresses; made by `readCidr`, read by `cidrContains`. */
export interface Cidr {
  /** Canonical form with the host bits cleared: `10.0.0.0/8`, `2001:db8::/32`. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly prefixLength: number;
  /** The network as 32-bit words: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
}

const MAPPED_PREFIX = "::ffff:";
/** The longest IPv6 text is 45 characters; a zone id may follow. */
const MAX_ADDRESS_LENGTH = 64;

const ipv6Cache = new LRUCache<string, string>({ max: 4096 });
const prefixCache = new LRUCache<string, string>({ max: 4096 });

/**
 * The canonical form of an address, or undefined if the text is not exactly one address.
 * IPv4 must be four decimal numbers without leading zeros (`010.0.0.1` and `1.2.3` mean different addresses to
 * different programs). IPv6 becomes RFC 5952 text, without a zone id; IPv4-mapped IPv6 becomes IPv4.
 */
export function normaliseIp(text: string): string | undefined {
  if (isCanonicalIpv4(text)) return text;
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  if (text.startsWith(MAPPED_PREFIX)) {
    const ipv4 = text.slice(MAPPED_PREFIX.length);
    if (isCanonicalIpv4(ipv4)) return ipv4;
  }
  const known = ipv6Cache.get(text);
  if (known !== undefined) return known;
  const canonical = canonicalIpv6(text);
  if (canonical !== undefined) ipv6Cache.set(copy(text), canonical);
  return canonical;
}

/**
 * What an address is counted under: IPv4 as itself, IPv6 as its prefix (`2001:db8:1:2::/64`), because one subscriber
 * has at least a whole /64 to choose from. Text that is not an address is returned as it is.
 *
 * @param ipv6PrefixLength 0 to 128. @default 64
 */
export function ipScopeValue(ip: string, ipv6PrefixLength = 64): string {
  if (!ip.includes(":")) return ip;
  const address = normaliseIp(ip);
  if (!address?.includes(":")) return address ?? ip;
  return prefixOf(address, ipv6PrefixLength) ?? ip;
}

/**
 * The prefix of that length around an address, in canonical form: `203.0.113.7`, 24 gives `203.0.113.0/24`.
 * Undefined if the text is no address, or its family has no prefix of that length.
 */
export function prefixOf(ip: string, prefixLength: number): string | undefined {
  if (isCanonicalIpv4(ip)) {
    if (prefixLength > 32) return undefined;
    const word = (ipv4Word(ip) & maskOf(prefixLength)) >>> 0;
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/${prefixLength}`;
  }
  const key = `${ip}/${prefixLength}`;
  const known = prefixCache.get(key);
  if (known !== undefined) return known;
  const prefix = readCidr(key)?.text;
  if (prefix !== undefined) prefixCache.set(key, prefix);
  return prefix;
}

/**
 * A range in canonical form: `203.0.113.7/24` becomes `203.0.113.0/24`, an address becomes a range of one.
 *
 * @throws {GuardError} `INVALID_ADDRESS` if the text is neither an address nor a range.
 */
export function parseCidr(text: string): string {
  const cidr = readCidr(text);
  if (cidr) return cidr.text;
  throw new GuardError(
    "INVALID_ADDRESS",
    `${JSON.stringify(text.slice(0, MAX_ADDRESS_LENGTH))} is neither an IP address nor a range such as 203.0.113.0/24.`,
  );
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Host bits may be set and are cleared.
 * Undefined if it is neither.
 */
export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const ip = normaliseIp(address);
  if (ip === undefined) return undefined;
  const family = ip.includes(":") ? 6 : 4;
  const bits = family === 4 ? 32 : 128;
  let prefixLength = bits;
  if (slash >= 0) {
    const digits = text.slice(slash + 1);
    if (!/^(?:0|[1-9]\d{0,2})$/.test(digits)) return undefined;
    // An IPv4-mapped range counts its 96 bits of prefix too.
    prefixLength = Number(digits) - (family === 4 && address.includes(":") ? 96 : 0);
    if (prefixLength < 0 || prefixLength > bits) return undefined;
  }
  const words = wordsOf(ip).map((word, index) => (word & maskOf(prefixLength - index * 32)) >>> 0);
  return { text: `${textOf(words)}/${prefixLength}`, family, prefixLength, words };
}

/** True if the address (canonical, as `normaliseIp` returns it) lies in the range. */
export function cidrContains(cidr: Cidr, ip: string): boolean {
  if (ip.includes(":") !== (cidr.family === 6)) return false;
  return holds(cidr, wordsOf(ip));
}

const holds = (cidr: Cidr, words: readonly number[]): boolean =>
  cidr.words.every((word, index) => {
    const mask = maskOf(cidr.prefixLength - index * 32);
    return ((words[index] ?? 0) & mask) >>> 0 === word;
  });

/** Whether an address (canonical) lies in one of the ranges; the address is taken apart once for all of them. */
export function createCidrSet(cidrs: readonly Cidr[]): (ip: string) => boolean {
  const ipv4 = cidrs
    .filter(({ family }) => family === 4)
    .map(({ words, prefixLength }) => ({ word: words[0] as number, mask: maskOf(prefixLength) }));
  const ipv6 = cidrs.filter(({ family }) => family === 6);
  return (ip) => {
    if (ip.includes(":")) {
      const words = wordsOf(ip);
      return ipv6.some((cidr) => holds(cidr, words));
    }
    const word = ipv4Word(ip);
    for (const network of ipv4) if ((word & network.mask) >>> 0 === network.word) return true;
    return false;
  };
}

/** Four decimal numbers up to 255 without leading zeros; a loop, because this runs on every request. */
function isCanonicalIpv4(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (digits === 0 || ++dots > 3) return false;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = code - 48;
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return false;
    value = value * 10 + digit;
    digits++;
    if (value > 255) return false;
  }
  return dots === 3 && digits > 0;
}

function canonicalIpv6(text: string): string | undefined {
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  if (!isIPv6(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

function wordsOf(ip: string): number[] {
  if (!ip.includes(":")) return [ipv4Word(ip)];
  const parts = ipaddr.IPv6.parse(ip).parts;
  return [0, 2, 4, 6].map((index) => (((parts[index] ?? 0) << 16) | (parts[index + 1] ?? 0)) >>> 0);
}

function ipv4Word(ip: string): number {
  let word = 0;
  let part = 0;
  for (let index = 0; index < ip.length; index++) {
    const code = ip.charCodeAt(index);
    if (code === 46) {
      word = word * 256 + part;
      part = 0;
    } else part = part * 10 + code - 48;
  }
  return word * 256 + part;
}

/** The canonical form of an address: one 32-bit word of IPv4, four of IPv6. */
export function textOf(words: readonly number[]): string {
  const bytes = words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
  const address = ipaddr.fromByteArray(bytes);
  return address.kind() === "ipv6" ? (address as ipaddr.IPv6).toRFC5952String() : address.toString();
}

/** The mask of a 32-bit word of which the first `bits` (below 1: none, above 31: all) belong to the network. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** A string cut out of a larger one keeps all of it alive; what goes into a cache is copied. */
function copy(text: string): string {
  return Buffer.from(text).toString();
}
