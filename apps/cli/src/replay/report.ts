// What a replay found, for programs (a JSON object a line) or for people.

import type { ReplayDetection, ReplaySummary } from "@fluxstudio/guard/replay";
import { printable } from "../printable.ts";
import { grouped } from "../progress.ts";

export interface ReplayReport {
  detection(detection: ReplayDetection): void;
  summary(summary: ReplaySummary, elapsedMs: number): void;
}

export function createReport(json: boolean, write: (text: string) => void): ReplayReport {
  return json ? jsonReport(write) : textReport(write);
}

function jsonReport(write: (text: string) => void): ReplayReport {
  const line = (value: object) => write(`${JSON.stringify(value)}\n`);
  return {
    detection({ rule, at, scope, value, severity, response, until, evidence }) {
      const { count, threshold, windowMs } = evidence;
      line({
        kind: "detection",
        rule,
        at: iso(at),
        scope,
        value,
        severity,
        response,
        until: until === null ? null : iso(until),
        evidence: { count, threshold, windowMs },
      });
    },
    summary({ lines, parsed, unparsed, outside, signals, detections, blocked }, elapsedMs) {
      const left = outside > 0 ? { outside } : {};
      line({ kind: "summary", lines, parsed, unparsed, ...left, signals, detections, blocked, elapsedMs });
    },
  };
}

function textReport(write: (text: string) => void): ReplayReport {
  let any = false;
  return {
    detection({ rule, at, scope, value, severity, response, until, evidence }) {
      if (!any) write(row("TIME", "RULE", "SEVERITY", "ABOUT", "COUNTED", "RESPONSE"));
      any = true;
      const counted =
        evidence.what === "score"
          ? `a score of ${evidence.count} (below ${evidence.threshold})`
          : `${evidence.count} in ${duration(evidence.windowMs)} (at ${evidence.threshold})`;
      const answer = until === null ? response : `${response} until ${seconds(until)}`;
      write(row(seconds(at), rule, severity, `${scope} ${printable(value)}`, counted, answer));
    },
    summary({ lines, parsed, unparsed, outside, signals, refused, detections, blocked }, elapsedMs) {
      const found = Object.entries(detections).map(([rule, count]) => `${rule} ${grouped(count)}`);
      const stopped = Object.entries(blocked).map(([scope, count]) => `${grouped(count)} ${scope}`);
      write(
        [
          ...(any ? [""] : []),
          `Lines       ${grouped(lines)}: ${grouped(parsed)} read, ${grouped(unparsed)} not readable${outside > 0 ? `, ${grouped(outside)} outside --from/--to` : ""}`,
          `Signals     ${grouped(signals)} about sign-ins; ${grouped(refused)} of them would have been refused`,
          `Detections  ${found.join(", ") || "none"}`,
          `Blocked     ${stopped.join(", ")}`,
          `Took        ${(elapsedMs / 1000).toFixed(1)} s`,
          "",
        ].join("\n"),
      );
    },
  };
}

const widths = [21, 22, 14, 38, 24];

const row = (...cells: string[]): string =>
  `${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" ")}\n`;

const iso = (at: number): string => new Date(at).toISOString();

/** Logs seldom know more than the second. */
const seconds = (at: number): string => iso(at).replace(/\.\d{3}Z$/, "Z");

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** 300000 becomes `5 min`. */
function duration(ms: number): string {
  const unit = units.find(([size]) => ms >= size && ms % size === 0);
  return unit ? `${ms / unit[0]} ${unit[1]}` : `${ms} ms`;
}
