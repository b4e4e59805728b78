// Caddy 2: JSON access lines; other JSON lines of the same log say nothing about sign-ins.

import { createAccessLineParser } from "./access-line.ts";
import { createReadAddress, withoutPort } from "./address.ts";
import { type JsonObject, objectIn, readJsonObject, statusIn, textIn } from "./json-line.ts";
import { isoTime } from "./log-time.ts";
import { type LineParser, latin1, other } from "./parsed-line.ts";
import { withoutSyslogHead } from "./syslog.ts";

export function createCaddyParser(): LineParser {
  const readAddress = createReadAddress();
  const parseAccess = createAccessLineParser();

  return (text) => {
    const line = text.startsWith("{") ? text : withoutSyslogHead(text);
    // With the transform encoder Caddy writes the common format.
    if (!line.startsWith("{")) return parseAccess(text);
    const entry = readJsonObject(line);
    const at = entry && timeIn(entry.ts);
    if (!entry || at === undefined) return undefined;
    const request = objectIn(entry.request);
    const status = statusIn(entry.status);
    if (!request || status === undefined) return textIn(entry.level) === undefined ? undefined : other;
    const address = textIn(request.client_ip) ?? textIn(request.remote_ip) ?? textIn(request.remote_addr);
    const ip =
      address === undefined ? undefined : (readAddress(address) ?? readAddress(withoutPort(address)));
    if (ip === undefined) return undefined;
    const user = latin1(textIn(entry.user_id)) || undefined;
    return {
      kind: "request",
      at,
      ip,
      method: textIn(request.method),
      target: latin1(textIn(request.uri)),
      status,
      userAgent: agentIn(request),
      // Caddy names the user only once the password was right, so the challenge in the answer is what tells.
      authFailed: status === 401 && (user !== undefined || asksForPassword(objectIn(entry.resp_headers))),
      user,
    };
  };
}

/** `ts` is in seconds by default; `time_format` can make it milliseconds, nanoseconds or text. */
function timeIn(value: unknown): number | undefined {
  if (typeof value === "string") return isoTime(value);
  if (typeof value !== "number" || !(value > 0)) return undefined;
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value / 1e6;
  return Number.isFinite(ms) && ms < 8.64e15 ? Math.round(ms) : undefined;
}

/** Headers are logged as lists. Without the list the client sent none; without headers nothing is known. */
function agentIn(request: JsonObject): string | undefined {
  const headers = objectIn(request.headers);
  return headers && (latin1(firstOf(headers["User-Agent"])) ?? "");
}

function asksForPassword(headers: JsonObject | undefined): boolean {
  return /^basic\b/i.test(firstOf(headers?.["Www-Authenticate"]) ?? "");
}

const firstOf = (list: unknown): string | undefined => (Array.isArray(list) ? textIn(list[0]) : undefined);
