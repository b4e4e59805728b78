// OpenSSH's server: failed and accepted sign-ins, each failed one counted once however many lines report it.

import { createReadAddress } from "./address.ts";
import { createYears } from "./log-time.ts";
import { type LineParser, other, type ParserOptions } from "./parsed-line.ts";
import { type FailureSeries, readSshdMessage } from "./sshd-message.ts";
import { readSyslog } from "./syslog.ts";

/** Newer versions do the work of a connection in processes of their own. */
const programs = new Set(["sshd", "sshd-session", "sshd-auth"]);

/** Connections that are told apart at the same time; with more of them the one longest silent is forgotten. */
const maxConnections = 4096;
/** A process id seen again after this is another connection: sshd gives up on one that is not signed in after 2 minutes. */
const connectionMs = 10 * 60_000;

interface Connection {
  readonly ip: string;
  lastAt: number;
  readonly reported: Record<FailureSeries, number>;
  counted: number;
}

/**
 * "Invalid user", PAM's and sshd's own line can all report the same wrong password, in an order that differs between
 * versions and set-ups. What a connection has failed is therefore the longest of its series, and a line adds what it makes that grow.
 */
function createConnections() {
  const connections = new Map<string, Connection>();
  return {
    /** How many failures of this connection had not been counted before. */
    add(key: string, ip: string, at: number, series: FailureSeries, count: number): number {
      let connection = connections.get(key);
      connections.delete(key);
      if (!connection || connection.ip !== ip || Math.abs(at - connection.lastAt) > connectionMs) {
        connection = {
          ip,
          lastAt: at,
          reported: { password: 0, pam: 0, "pam-error": 0, name: 0, connection: 0 },
          counted: 0,
        };
      }
      connections.set(key, connection);
      if (connections.size > maxConnections) connections.delete(connections.keys().next().value as string);
      connection.lastAt = at;
      const { reported } = connection;
      reported[series] = series === "connection" ? 1 : reported[series] + count;
      const failed = Math.max(...Object.values(reported));
      const added = failed - connection.counted;
      connection.counted = failed;
      return added;
    },
    end(key: string): void {
      connections.delete(key);
    },
  };
}

export function createSshdParser(options: ParserOptions = {}): LineParser {
  const years = createYears(options);
  const readAddress = createReadAddress();
  const connections = createConnections();

  return (line) => {
    const entry = readSyslog(line, years);
    if (!entry) return undefined;
    if (!programs.has(entry.program)) return other;
    const message = readSshdMessage(entry.message.trimEnd());
    // A name instead of an address (UseDNS, PAM's rhost) cannot be counted; sshd's own line gives the address.
    const ip = message && readAddress(message.address);
    if (!message || ip === undefined) return other;
    const { at } = entry;
    // Some collectors drop the process id; then an address has one connection at a time.
    const key = copy(`${entry.host} ${entry.pid === "" || entry.pid === "-" ? ip : entry.pid}`);
    if (message.kind === "success") {
      connections.end(key);
      return { kind: "outcome", at, ip, outcome: "success", user: message.user, count: 1 };
    }
    const count = connections.add(key, copy(ip), at, message.series, message.count);
    if (count === 0) return other;
    return { kind: "outcome", at, ip, outcome: "failure", user: message.user, count };
  };
}

/** What is kept must not be a piece of the chunk that it was cut from. */
const copy = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
