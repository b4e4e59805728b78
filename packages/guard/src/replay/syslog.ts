// The head of a syslog line, in the ways daemons and log shippers write it: RFC 3164, RFC 5424, and ISO times.

import { isoTime, monthOf, utc, type Years } from "./log-time.ts";

export interface SyslogLine {
  readonly at: number;
  readonly host: string;
  /** The name without its process id. */
  readonly program: string;
  readonly pid: string;
  readonly message: string;
}

// Each is anchored and each part is bounded or ends at a character that it cannot contain, so no line makes them slow.
const traditional =
  /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?: (\d{4}))? /;
const iso = /^(?:<\d{1,3}>)?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}) /;
const rfc5424 = /^<\d{1,3}>\d{1,2} (\S{1,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) \S{1,32} /;
const tag = /^([^\s:[\]]{1,64})(?:\[([^\]\s]{0,16})\])?: ?/;

/** Undefined when the line does not begin like syslog. */
export function readSyslog(line: string, years: Years): SyslogLine | undefined {
  const structured = rfc5424.exec(line);
  if (structured) {
    const [head, time = "", host = "", program = "", pid = ""] = structured;
    const at = isoTime(time);
    const message = afterStructuredData(line.slice(head.length));
    if (at === undefined || message === undefined) return undefined;
    return { at, host, program, pid, message };
  }
  const head = readTime(line, years);
  if (!head) return undefined;
  const hostEnd = line.indexOf(" ", head.length);
  if (hostEnd < 0) return undefined;
  const host = line.slice(head.length, hostEnd);
  const rest = line.slice(hostEnd + 1);
  const tagged = tag.exec(rest);
  // "last message repeated 3 times" and the like come from the logger itself.
  if (!tagged) return { at: head.at, host, program: "", pid: "", message: rest };
  return {
    at: head.at,
    host,
    program: tagged[1] ?? "",
    pid: tagged[2] ?? "",
    message: rest.slice(tagged[0].length),
  };
}

/** The line without a syslog head in front, as it is when a web server logs to syslog. */
export function withoutSyslogHead(line: string): string {
  const head = traditional.exec(line) ?? rfc5424.exec(line) ?? iso.exec(line);
  if (!head) return line;
  const rest = line.slice(head[0].length);
  if (head[0].startsWith("<") && rfc5424.test(line)) return afterStructuredData(rest) ?? line;
  const hostEnd = rest.indexOf(" ");
  const message = rest.slice(hostEnd + 1);
  const tagged = tag.exec(message);
  return hostEnd < 0 || !tagged ? line : message.slice(tagged[0].length);
}

function readTime(line: string, years: Years): { at: number; length: number } | undefined {
  const named = traditional.exec(line);
  if (!named) {
    const dated = iso.exec(line);
    const at = dated && isoTime(dated[1] as string);
    return at == null ? undefined : { at, length: dated?.[0].length ?? 0 };
  }
  const [head, month = "", day, yearBefore, hour, minute, second, yearAfter] = named;
  const inYear = (year: number) =>
    utc(year, monthOf(month), Number(day), Number(hour), Number(minute), Number(second));
  const year = yearBefore ?? yearAfter;
  const at = year === undefined ? years.place(inYear) : inYear(Number(year));
  return at === undefined ? undefined : { at, length: head.length };
}

/** RFC 5424, 6.3: `-`, or elements in brackets whose values may hold `\]`. */
function afterStructuredData(text: string): string | undefined {
  if (text.startsWith("-")) return text.slice(1).trimStart();
  let place = 0;
  while (text[place] === "[") {
    do {
      place = text.indexOf("]", place + 1);
      if (place < 0) return undefined;
    } while (text[place - 1] === "\\");
    place++;
  }
  return place === 0 ? undefined : text.slice(place).trimStart();
}
