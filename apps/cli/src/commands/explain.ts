// `flux explain ip 203.0.113.7`: what was counted against which thresholds, what was decided, until when, and what would release it.

import type { ExplainAnswer } from "@fluxstudio/admin-api";
import { defineCommand } from "citty";
import { scopeDescription, scopeOf } from "../arguments.ts";
import { call, duration, jsonOption, print, time } from "../call.ts";
import { lineOf } from "./decisions.ts";

export const explain = defineCommand({
  meta: {
    name: "explain",
    description:
      "What was counted and decided about somebody, until when, and what would release it. Example: flux explain ip 203.0.113.7",
  },
  args: {
    scope: { type: "positional", required: true, description: scopeDescription },
    value: { type: "positional", required: true, description: "203.0.113.7, an e-mail address, …" },
    json: jsonOption,
  },
  async run({ args }) {
    const query = new URLSearchParams({ scope: scopeOf(args.scope), value: args.value });
    const explanation = await call<ExplainAnswer>("GET", `/explain?${query}`);
    if (args.json) print(true, [explanation], () => "");
    else print(false, inWords(explanation), (line) => line);
  },
});

type Counted = ExplainAnswer["windows"][number];

/** Line by line, as it is printed. */
export function inWords(explanation: ExplainAnswer): string[] {
  const { scope, value, decisions, windows, offences, reputation } = explanation;
  const counted = Map.groupBy(windows, (one) => one.window).values();
  const decided = decisions.map((one) => `decided: ${one.origin === "feed" ? listed(one) : lineOf(one)}`);
  const released = decisions.map(({ id, until, origin, action }) =>
    origin === "feed" && action === "block"
      ? // It is in no table: the list itself decides, until somebody says otherwise.
        `released when the list no longer names it, or by: flux decisions add allow ${scope} ${value}`
      : `released ${until === null ? "" : `at ${time(until)}, or `}by: flux decisions remove ${id}`,
  );
  const before =
    offences > 0
      ? [
          `blocked by rules lately: ${offences === 1 ? "once" : `${offences} times`}; each makes the next block longer`,
        ]
      : [];
  const nothing = windows.length + decisions.length === 0 ? ["nothing is counted or decided"] : [];
  return [
    `${scope} ${value}`,
    ...(reputation ? reputationLines(reputation) : []),
    ...[...counted].map(countedLine),
    ...decided,
    ...before,
    ...released,
    ...nothing,
  ];
}

/** Its id is of no use to anybody, and it has no end but the list's. */
const listed = ({ action, scope, value, reason }: ExplainAnswer["decisions"][number]): string =>
  `${action} ${scope} ${value}, by feed: ${reason}`;

type Reputation = NonNullable<ExplainAnswer["reputation"]>;

function reputationLines({ score, level, mode, unknown, moves }: Reputation): string[] {
  if (unknown === "private") return ["reputation: none, as this is a private address"];
  if (unknown) return ["reputation: not known at present, as the store is away, so neutral"];
  const what = mode === "enforce" ? inForce[level] : `${inForce[level]}, if it were enforced`;
  return [
    `reputation: ${points(score)} of 100${moves.length === 0 ? "" : `, ${level === "neutral" ? inForce.neutral : what}`}`,
    ...moves.map(
      (move) =>
        `moved: ${move.points < 0 ? "" : "+"}${points(move.points)} at ${time(move.at)} by ${moverOf(move)}`,
    ),
  ];
}

const inForce: Record<Reputation["level"], string> = {
  blocked: "so low that the next detection blocks again",
  low: "low, so thresholds are halved",
  neutral: "neutral, so thresholds are as set",
  high: "high, so thresholds are doubled, but not for one account",
};

const points = (count: number): string => String(Math.round(count * 10) / 10);

const moverOf = ({ by, points, times }: Reputation["moves"][number]): string =>
  points < 0 ? by : `sign-ins of ${times === 1 ? "one account" : `${times} accounts`}`;

/** One window, at each of its lengths. */
function countedLine(lengths: readonly Counted[]): string {
  const counts = lengths.map(
    ({ count, threshold, windowMs }) =>
      `${count}${threshold === undefined ? "" : ` of ${threshold}`} in ${duration(windowMs)}`,
  );
  const emptyAt = Math.max(...lengths.map((one) => one.emptyAt));
  const orphaned = lengths.some((one) => one.rule === undefined) ? ", by a rule that is gone" : "";
  return `counted: ${lengths[0]?.window} ${counts.join(", ")}, empty at ${time(emptyAt)}${orphaned}`;
}
