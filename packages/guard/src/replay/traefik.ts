// Traefik: JSON access lines and its default, the common format with fields of its own at the end.

import { createAccessLineParser } from "./access-line.ts";
import { createReadAddress, withoutPort } from "./address.ts";
import { readJsonObject, statusIn, textIn } from "./json-line.ts";
import { isoTime } from "./log-time.ts";
import { type LineParser, latin1, other } from "./parsed-line.ts";
import { withoutSyslogHead } from "./syslog.ts";

export function createTraefikParser(): LineParser {
  const readAddress = createReadAddress();
  const parseAccess = createAccessLineParser();

  return (text) => {
    const line = text.startsWith("{") ? text : withoutSyslogHead(text);
    if (!line.startsWith("{")) return parseAccess(text);
    const entry = readJsonObject(line);
    const at = isoTime(textIn(entry?.StartUTC) ?? textIn(entry?.time) ?? "");
    if (!entry || at === undefined) return undefined;
    const status = statusIn(entry.DownstreamStatus);
    const address = textIn(entry.ClientHost) ?? withoutPort(textIn(entry.ClientAddr) ?? "");
    const ip = readAddress(address);
    if (status === undefined || ip === undefined) {
      return textIn(entry.level) === undefined || ip !== undefined || address !== "" ? undefined : other;
    }
    const name = latin1(textIn(entry.ClientUsername));
    const user = name === "-" || name === "" ? undefined : name;
    return {
      kind: "request",
      at,
      ip,
      method: textIn(entry.RequestMethod),
      target: latin1(textIn(entry.RequestPath)),
      status,
      // Headers are dropped unless the operator asked for them, so an absent one says nothing.
      userAgent: latin1(textIn(entry["request_User-Agent"])),
      authFailed: status === 401 && user !== undefined,
      user,
    };
  };
}
