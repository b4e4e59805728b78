// Apache httpd: access lines, and the error log, whose `auth_basic` messages are failed sign-ins.

import { createAccessLineParser } from "./access-line.ts";
import { createReadAddress, withoutPort } from "./address.ts";
import { monthOf, utc } from "./log-time.ts";
import { type LineParser, other, type ParsedLine } from "./parsed-line.ts";

const errorHead =
  /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})\] /;
const client = /\[client ([0-9A-Fa-f:.[\]]{2,64})\] (?:AH\d{5}: )?user /;
/** What follows the name, for a wrong password and for an unknown name (AH01617, AH01618). */
const refusals = [": authentication failure for ", " not found: "];

export function createApacheParser(): LineParser {
  const parseAccess = createAccessLineParser();
  const readAddress = createReadAddress();

  function parseError(line: string): ParsedLine | undefined {
    const head = errorHead.exec(line);
    if (!head) return undefined;
    const [, month = "", day, hour, minute, second, fraction = "0", year] = head;
    // Local times without a zone; they are taken as UTC.
    const whole = utc(
      Number(year),
      monthOf(month),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    if (whole === undefined) return undefined;
    const at = whole + Math.trunc(Number(`0.${fraction}`) * 1000);
    // The client stands before anything that it wrote itself.
    const from = client.exec(line);
    const text = from?.[1] ?? "";
    const ip = from ? (readAddress(text) ?? readAddress(withoutPort(text))) : undefined;
    if (!from || ip === undefined) return other;
    const rest = line.slice(from.index + from[0].length);
    const end = Math.max(...refusals.map((refusal) => rest.indexOf(refusal)));
    if (end < 0) return other;
    return { kind: "outcome", at, ip, outcome: "failure", user: rest.slice(0, end), count: 1 };
  }

  return (line) => (line[0] === "[" ? (parseError(line) ?? parseAccess(line)) : parseAccess(line));
}
