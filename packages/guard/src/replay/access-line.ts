// The access lines of nginx, Apache and Traefik: common and combined format with the variations met in practice.

import { createReadAddress } from "./address.ts";
import { accessTime, isoTime } from "./log-time.ts";
import type { LineParser } from "./parsed-line.ts";
import { withoutSyslogHead } from "./syslog.ts";

/**
 * `client ident user [time] "request" status bytes "referrer" "agent"`, where the last two may be absent, more fields may
 * follow, and a virtual host or a syslog head may come before. A request that is no HTTP still is a line.
 */
export function createAccessLineParser(): LineParser {
  const readAddress = createReadAddress();
  const readTime = createReadTime();

  function client(head: string): { ip: string; user: string } | undefined {
    const [first = "", second = "", third = ""] = head.split(" ", 3);
    // A virtual host in front can be an address too; identd's answer never is one, and no longer exists anyway.
    const ipSecond = second === "-" ? undefined : readAddress(second);
    const ip = ipSecond ?? readAddress(first);
    if (ip === undefined) return undefined;
    const skipped = first.length + second.length + 2 + (ipSecond === undefined ? 0 : third.length + 1);
    return { ip, user: head.slice(skipped) };
  }

  return function parse(line) {
    // User names may hold brackets too, even with a time in them, but no server lets a bare quote into them.
    let bracket = timeStart(line, 0);
    let timeEnd = -1;
    let at: number | undefined;
    while (bracket >= 0) {
      timeEnd = line.startsWith("]", bracket + 28) ? bracket + 28 : bracketEnd(line, bracket);
      if (timeEnd > 0 && line.startsWith('] "', timeEnd)) at = readTime(line, bracket + 2, timeEnd);
      if (at !== undefined) break;
      bracket = timeStart(line, bracket + 1);
    }
    if (at === undefined) return undefined;

    const requestStart = timeEnd + 3;
    let requestEnd = closingQuote(line, requestStart);
    // Programs that do not escape quotes: the field ends where a status follows.
    while (requestEnd >= 0 && statusAt(line, requestEnd + 2) < 0)
      requestEnd = closingQuote(line, requestEnd + 1);
    if (requestEnd < 0) return undefined;
    const status = statusAt(line, requestEnd + 2);

    const head = line.slice(0, bracket);
    const from = client(head) ?? client(withoutSyslogHead(head));
    if (!from) return undefined;

    const methodEnd = line.indexOf(" ", requestStart);
    const isRequest = methodEnd > requestStart && methodEnd < requestEnd;
    const targetEnd = isRequest ? line.indexOf(" ", methodEnd + 1) : -1;
    const user = from.user === "-" || from.user === "" ? undefined : from.user;
    return {
      kind: "request",
      at,
      ip: from.ip,
      method: isRequest ? line.slice(requestStart, methodEnd) : undefined,
      target: isRequest
        ? line.slice(methodEnd + 1, targetEnd < 0 || targetEnd > requestEnd ? requestEnd : targetEnd)
        : undefined,
      status,
      userAgent: agentAfter(line, requestEnd + 5),
      // Servers log the name as it was sent: with a 401 it was refused, otherwise it need not even have been looked at.
      authFailed: status === 401 && user !== undefined,
      user,
    };
  };
}

/** Where ` [` before what may be a time is, or -1. */
function timeStart(line: string, from: number): number {
  let place = line.indexOf(" [", from);
  while (place >= 0) {
    const slashed = line[place + 4] === "/" && line[place + 8] === "/";
    if (slashed || (line[place + 6] === "-" && line[place + 9] === "-")) return place;
    place = line.indexOf(" [", place + 1);
  }
  return -1;
}

/** No time is longer than this. */
const longestTime = 40;

function bracketEnd(line: string, bracket: number): number {
  const end = line.slice(bracket, bracket + longestTime).indexOf("]");
  return end < 0 ? -1 : bracket + end;
}

/** Neighbouring lines mostly have the same second, which is read once. */
function createReadTime(): (line: string, start: number, end: number) => number | undefined {
  let lastText = "\n";
  let lastAt = 0;
  return (line, start, end) => {
    if (end - start === lastText.length && line.startsWith(lastText, start)) return lastAt;
    const text = line.slice(start, end);
    const at = accessTime(text) ?? isoTime(text);
    if (at === undefined) return undefined;
    lastText = text;
    lastAt = at;
    return at;
  };
}

/** The quote that ends the field, or -1. Apache writes a quote within as `\"` and a backslash as `\\`. */
function closingQuote(line: string, start: number): number {
  let quote = line.indexOf('"', start);
  while (quote >= 0) {
    let slashes = 0;
    while (quote - slashes > start && line[quote - slashes - 1] === "\\") slashes++;
    if (slashes % 2 === 0) return quote;
    quote = line.indexOf('"', quote + 1);
  }
  return -1;
}

/** -1 when there is none; 0 for the `-` of a client that left before it got one. */
function statusAt(line: string, place: number): number {
  if (line[place - 1] !== " ") return -1;
  if (line[place] === "-") return line[place + 1] === " " ? 0 : -1;
  let status = 0;
  for (let i = place; i < place + 3; i++) {
    const digit = line.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return line.length === place + 3 || line[place + 3] === " " ? status : -1;
}

/** The second quoted field after the status; undefined when the line has none. `-` is how "not sent" is written. */
function agentAfter(line: string, place: number): string | undefined {
  const referrer = line.indexOf(' "', place);
  const referrerEnd = referrer < 0 ? -1 : closingQuote(line, referrer + 2);
  if (referrerEnd < 0 || !line.startsWith(' "', referrerEnd + 1)) return undefined;
  const start = referrerEnd + 3;
  const end = closingQuote(line, start);
  const agent = line.slice(start, end < 0 ? line.length : end);
  return agent === "-" ? "" : agent;
}
