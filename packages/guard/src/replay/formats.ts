// The log formats that can be replayed, by name.

import { GuardError } from "../errors.ts";
import { createApacheParser } from "./apache.ts";
import { createCaddyParser } from "./caddy.ts";
import { createNginxParser } from "./nginx.ts";
import type { LineParser, ParserOptions } from "./parsed-line.ts";
import { createSignalsParser } from "./signals.ts";
import { createSshdParser } from "./sshd.ts";
import { createTraefikParser } from "./traefik.ts";

export const replayFormats = ["nginx", "apache", "caddy", "traefik", "sshd", "signals"] as const;
export type ReplayFormat = (typeof replayFormats)[number];

const parsers: Record<ReplayFormat, (options: ParserOptions) => LineParser> = {
  nginx: createNginxParser,
  apache: createApacheParser,
  caddy: createCaddyParser,
  traefik: createTraefikParser,
  sshd: createSshdParser,
  signals: createSignalsParser,
};

/** @throws GuardError `UNKNOWN_FORMAT` */
export function createLineParser(format: string, options: ParserOptions = {}): LineParser {
  if (!Object.hasOwn(parsers, format)) {
    throw new GuardError(
      "UNKNOWN_FORMAT",
      `"${format}" is no format. There are: ${replayFormats.join(", ")}.`,
    );
  }
  return parsers[format as ReplayFormat](options);
}

/** Lines that are enough to tell a format by. */
const linesLookedAt = 20;

/**
 * The format that all of the first lines have, or undefined when there is none. nginx's and Apache's access lines are the same, so
 * these count as `nginx`; it makes no difference. A log without any sign-in is told all the same, except one of sshd: other
 * daemons write syslog too.
 */
export function detectFormat(lines: readonly string[]): ReplayFormat | undefined {
  const first = lines.filter((line) => line.trim() !== "").slice(0, linesLookedAt);
  if (first.length === 0) return undefined;
  return replayFormats.find((format) => {
    const parse = createLineParser(format);
    const kinds = first.map((line) => parse(line)?.kind);
    if (kinds.includes(undefined)) return false;
    return format === "sshd" ? first.some((line) => / sshd(?:-session|-auth)?\b/.test(line)) : true;
  });
}
