// nginx: access lines, and the error log, whose `auth_basic` messages are failed sign-ins.

import { createAccessLineParser } from "./access-line.ts";
import { createReadAddress } from "./address.ts";
import { isoTime } from "./log-time.ts";
import { type LineParser, other, type ParsedLine } from "./parsed-line.ts";
import { withoutSyslogHead } from "./syslog.ts";

const errorHead = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[[a-z]{1,10}\] \d{1,10}#\d{1,10}: /;
const clientMark = ", client: ";
const refusals = ['" was not found in "', '": password mismatch'];

export function createNginxParser(): LineParser {
  const parseAccess = createAccessLineParser();
  const readAddress = createReadAddress();

  function parseError(line: string): ParsedLine | undefined {
    const head = errorHead.exec(line);
    // The error log has local times without a zone; they are taken as UTC.
    const at = head && isoTime(head[1] as string);
    if (!head || at == null) return undefined;
    const message = line.slice(head[0].length);
    const userAt = message.indexOf('user "');
    if (userAt < 0) return other;
    for (const refusal of refusals) {
      const end = message.indexOf(refusal, userAt);
      if (end < 0) continue;
      // The name is not escaped, so it can hold all of this message with somebody else's address. Then nobody is blamed.
      if (message.indexOf(refusal, end + 1) >= 0) return other;
      const ip = readAddress(between(message, clientMark, ",", end + refusal.length));
      if (ip === undefined) return other;
      return { kind: "outcome", at, ip, outcome: "failure", user: message.slice(userAt + 6, end), count: 1 };
    }
    return other;
  }

  return (line) => {
    // Cheap to tell apart: an access line has no slash at this place, unless its client is no address.
    if (line[4] === "/") return parseError(line);
    return parseAccess(line) ?? parseError(withoutSyslogHead(line));
  };
}

function between(text: string, before: string, after: string, from: number): string {
  const start = text.indexOf(before, from);
  if (start < 0) return "";
  const end = text.indexOf(after, start + before.length);
  return text.slice(start + before.length, end < 0 ? undefined : end);
}
