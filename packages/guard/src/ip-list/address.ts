// Reads an address out of a larger text into 32-bit words, without making a string: a list has a million of them.
//
// It takes exactly what `normaliseIp` and `net.isIP` take, except zone ids, which its test proves with generated text. ipaddr.js
// reads some 120,000 addresses a second; this reads millions, so that parsing is not what a lookup takes its time for.

/** What a text is: nothing, IPv4, IPv6, or IPv4 written as `::ffff:a.b.c.d`. */
export const none = 0;
export const ipv4 = 4;
export const ipv6 = 6;
/** Its prefix length, if it has one, counts from the IPv6 side: 96 more. */
export const mapped = 46;
export type AddressKind = typeof none | typeof ipv4 | typeof ipv6 | typeof mapped;

const dot = 46;
const colon = 58;
/** `0000:0000:0000:0000:0000:ffff:255.255.255.255` */
const longestIpv6 = 45;
const noDigit = 255;
/** The value of each character as a hexadecimal digit. */
const hexDigits = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? noDigit : value;
});
const groups = new Uint16Array(8);

/**
 * @param words where the address goes: one word for IPv4 (mapped or not), four for IPv6
 * @returns `none` when the text from `start` to `end` is anything else than one address; a zone id is something else
 */
export function readAddress(text: string, start: number, end: number, words: Uint32Array): AddressKind {
  const word = readIpv4(text, start, end);
  if (word >= 0) {
    words[0] = word;
    return ipv4;
  }
  if (!readIpv6(text, start, end)) return none;
  for (let i = 0; i < 4; i++) words[i] = ((groups[2 * i] as number) << 16) | (groups[2 * i + 1] as number);
  if (words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff) return ipv6;
  words[0] = words[3] as number;
  return mapped;
}

/** Four decimal numbers up to 255 without leading zeros, as one word; -1 when it is none. */
function readIpv4(text: string, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1;
  let word = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === dot) {
      if (digits === 0 || ++dots > 3) return -1;
      word = word * 256 + part;
      part = 0;
      digits = 0;
      continue;
    }
    const digit = code - 48;
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return -1;
    part = part * 10 + digit;
    digits++;
    if (part > 255) return -1;
  }
  return dots === 3 && digits > 0 ? word * 256 + part : -1;
}

/** Eight groups of up to four digits, one run of zeros as `::`, the last two perhaps as IPv4 (RFC 4291, section 2.2). */
function readIpv6(text: string, start: number, end: number): boolean {
  if (end - start < 2 || end - start > longestIpv6) return false;
  let count = 0;
  let gap = -1;
  let value = 0;
  let from = start;
  let i = start;
  if (text.charCodeAt(i) === colon) {
    if (text.charCodeAt(i + 1) !== colon) return false;
    gap = 0;
    i += 2;
    from = i;
  }
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    const digit = hexDigits[code & 127] as number;
    if (digit !== noDigit && code < 128) {
      value = (value << 4) | digit;
      continue;
    }
    if (code === colon) {
      // Nothing follows the eighth group, and none is empty, unless this is the one `::`.
      if (i === from) {
        if (gap >= 0 || count === 0) return false;
        gap = count;
      } else if (count === 7 || i - from > 4) return false;
      else groups[count++] = value;
      value = 0;
      from = i + 1;
      continue;
    }
    if (code !== dot || count > 6) return false;
    const word = readIpv4(text, from, end);
    if (word < 0) return false;
    groups[count++] = word >>> 16;
    groups[count++] = word & 0xffff;
    return spread(count, gap);
  }
  if (end - from > 4) return false;
  if (from < end) groups[count++] = value;
  // It ends with a colon that is not part of `::`.
  else if (gap !== count) return false;
  return spread(count, gap);
}

/** Moves what follows the gap to the end. */
function spread(count: number, gap: number): boolean {
  if (gap < 0 || count === 8) return gap < 0 && count === 8;
  const moved = 8 - count;
  for (let i = count - 1; i >= gap; i--) groups[i + moved] = groups[i] as number;
  for (let i = gap + moved - 1; i >= gap; i--) groups[i] = 0;
  return true;
}
