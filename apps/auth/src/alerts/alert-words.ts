// An alert in words: what happened, what changed, what was done about it, and what to do next.

import type { Action, Scope } from "@fluxstudio/guard";
import type { Fact } from "../mail/message.ts";
import { timeInWords } from "../mail/occasion.ts";
import { plain } from "../mail/plain.ts";
import type { DigestContent } from "./digests.ts";
import { countOf } from "./distinct.ts";
import type { Incident, IncidentDecision } from "./incident.ts";
import { serverWords } from "./server-problems.ts";

export interface Words {
  /** The subject of a mail. */
  readonly title: string;
  readonly happened: string;
  /** Since the last alert about it. */
  readonly changed?: string | undefined;
  /** What the server did by itself. */
  readonly done?: string | undefined;
  readonly facts: readonly Fact[];
  readonly next: readonly NextStep[];
}

export interface NextStep {
  readonly what: string;
  /** To be typed by an operator. */
  readonly command: string;
}

const longestInTitle = 48;

export function wordsOf(
  incident: Incident,
  kind: "opened" | "updated" | "recovered",
  summary = "A rule found something.",
): Words {
  const { rule, severity, latest } = incident;
  const mark = kind === "recovered" ? "over" : severity;
  const going = kind === "updated" ? "goes on: " : "";
  if (incident.kind === "server") {
    const { title, happened, done, next } = serverWords(incident);
    const words = kind === "recovered" ? overWords(incident) : happened;
    return {
      title: `[${mark}] ${going}${title}`,
      happened: words,
      done,
      facts: [],
      next: [...next, ownStep(incident)],
    };
  }
  const who = whoOf(incident);
  const title = `[${mark}] ${going}${rule}: ${plain(who, longestInTitle)}`;
  const many = incident.kind === "many" ? `${capital(who)} do the same thing. ` : "";
  return {
    title,
    happened: kind === "recovered" ? `${overWords(incident)} It was: ${summary}` : `${many}${summary}`,
    changed: kind === "updated" ? changedWords(incident) : undefined,
    done: doneWords(incident),
    facts: [
      { label: "Rule", value: latest.attack === undefined ? rule : `${rule} (ATT&CK ${latest.attack})` },
      { label: "Severity", value: severity },
      {
        label: "Who",
        value: incident.kind === "many" ? `${who}, for example ${incident.sample.join(", ")}` : who,
      },
      ...countedFacts(incident),
      ...lastFacts(incident),
    ],
    next: [...nextSteps(incident), ownStep(incident)],
  };
}

export function digestWords({ incidents, count, mild, heldBack, since }: DigestContent, at: number): Words {
  const reasons = [
    mild > 0 && `${amount(mild)} ${mild === 1 ? "alert was" : "alerts were"} too mild to be told at once`,
    heldBack > 0 &&
      `${amount(heldBack)} ${heldBack === 1 ? "was" : "were"} held back, because there were too many within an hour`,
  ].filter((reason) => reason !== false);
  const more = count - incidents.length;
  return {
    title: `Digest: ${amount(count)} ${count === 1 ? "incident" : "incidents"}${heldBack > 0 ? `, ${amount(heldBack)} ${heldBack === 1 ? "alert" : "alerts"} held back` : ""}`,
    happened: `From ${timeInWords(since)} to ${timeInWords(at)}: ${reasons.join("; ")}.`,
    facts: [
      ...incidents.map((one) => ({ label: `${one.severity}, ${one.rule}`, value: lineOf(one) })),
      ...(more > 0 ? [{ label: "And", value: `${amount(more)} more` }] : []),
    ],
    next: [{ what: "All of them", command: "npx flux alerts list" }],
  };
}

export const testWords = (server: string): Words => ({
  title: "Test of alerts",
  happened: `Somebody with an operator's token asked ${server} for this. Nothing is wrong.`,
  facts: [],
  next: [{ what: "What it said of this try", command: "npx flux alerts test" }],
});

function lineOf(incident: Incident): string {
  const { openedAt, lastAt, closedAt, detections } = incident;
  const until = closedAt === null ? "goes on" : `over at ${timeInWords(lastAt)}`;
  return `${incident.kind === "server" ? serverWords(incident).title : whoOf(incident)}: ${amount(detections)} detected since ${timeInWords(openedAt)}, ${until}`;
}

/** "ip 203.0.113.7", "about 1,000 addresses". */
function whoOf({ kind, scope, value, values }: Incident): string {
  if (kind !== "many") return `${scope ?? ""} ${value ?? ""}`;
  const { count, isExact } = countOf(values);
  return `${isExact ? "" : "about "}${amount(isExact ? count : rounded(count))} ${scope === null ? "sources" : plurals[scope]}`;
}

const plurals: Record<Scope, string> = {
  ip: "addresses",
  "ip-prefix": "networks",
  account: "accounts",
  "account+ip": "accounts, each from one address",
  device: "devices",
  session: "sessions",
  asn: "providers' networks",
  global: "sources",
};

function doneWords({ kind, latest: { decision, mode } }: Incident): string {
  if (decision === undefined) {
    return mode === "monitor"
      ? "Nothing was done: the rule runs in monitor mode."
      : "Nothing was done: the rule records, and takes no decision about this.";
  }
  const words = decisionWords(decision);
  return kind === "many" ? `Each is answered by itself. The latest: ${words}` : `Done: ${words}`;
}

function decisionWords({ id, action, rule, scope, value, until }: IncidentDecision): string {
  const end = until === null ? "until somebody lifts it" : `until ${timeInWords(until)}`;
  return `${scope} ${value} ${actionWords[action]} ${end}, by ${rule ?? "an operator"} (decision ${id}).`;
}

const actionWords: Record<Action, string> = {
  allow: "is let in",
  delay: "has to wait",
  challenge: "has to prove that it is no program",
  "step-up": "needs more than a password",
  block: "is blocked",
  lock: "is locked",
};

function countedFacts({ detections, refused, latest: { evidence } }: Incident): Fact[] {
  const { count, threshold, windowMs, ...more } = evidence ?? {};
  const counted =
    evidence === undefined
      ? []
      : [
          {
            label: "Counted",
            value: `${count} in ${durationWords(windowMs ?? 0)}, where the rule's limit is ${threshold}`,
          },
        ];
  const facts = Object.entries(more).filter(([, value]) => value !== undefined);
  return [
    ...counted,
    ...facts.map(([name, value]) => ({ label: plain(name, 30), value: plain(String(value), 100) })),
    { label: "Detected", value: `${amount(detections)} ${detections === 1 ? "time" : "times"}` },
    ...(refused > 0 ? [{ label: "Refused", value: `${amount(refused)} requests so far` }] : []),
  ];
}

function lastFacts({ openedAt, lastAt, latest: { ip, userAgent, path, country } }: Incident): Fact[] {
  return [
    { label: "Began", value: timeInWords(openedAt) },
    { label: "Last seen", value: timeInWords(lastAt) },
    ...(ip === undefined
      ? []
      : [{ label: "Last from", value: `${plain(ip, 45)}${country ? `, ${plain(country, 60)}` : ""}` }]),
    ...(userAgent === undefined ? [] : [{ label: "User agent", value: plain(userAgent, 120) }]),
    ...(path === undefined ? [] : [{ label: "Path", value: plain(path, 120) }]),
  ];
}

function changedWords({ told, detections, refused, values, severity }: Incident): string | undefined {
  if (!told) return undefined;
  const more = countOf(values).count - told.values;
  const changes = [
    severity !== told.severity && `its severity rose from ${told.severity} to ${severity}`,
    detections > told.detections && `${amount(detections - told.detections)} more detected`,
    more > 0 && `${amount(more)} more of them`,
    refused > told.refused && `${amount(refused - told.refused)} more requests refused`,
  ].filter((change) => change !== false);
  return changes.length > 0 ? `Since the last alert: ${changes.join(", ")}.` : undefined;
}

function overWords({ openedAt, lastAt, detections, refused, kind }: Incident): string {
  const inAll =
    kind === "server" ? "" : ` In all ${amount(detections)} detected, ${amount(refused)} requests refused.`;
  return `Quiet since ${timeInWords(lastAt)}; it began at ${timeInWords(openedAt)}.${inAll}`;
}

function nextSteps({ rule, kind, scope, value, latest }: Incident): NextStep[] {
  const ofRule = `npx flux events list --rule ${quoted(rule)}`;
  if (kind === "many") {
    return [
      { what: "Who they are", command: ofRule },
      { what: "What is decided", command: "npx flux decisions list" },
      {
        what: "Block a range, if they share one",
        command: "npx flux decisions add block ip-prefix RANGE --for 12h",
      },
    ];
  }
  return [
    { what: "See why", command: `npx flux explain ${scope} ${quoted(value ?? "")}` },
    {
      what: "What happened",
      command: scope === "ip" ? `${ofRule} --ip ${quoted(latest.ip ?? value ?? "")}` : ofRule,
    },
    ...(latest.decision
      ? [
          {
            what: "Undo it, if it is a mistake",
            command: `npx flux decisions remove ${quoted(latest.decision.id)}`,
          },
        ]
      : []),
  ];
}

const ownStep = ({ id }: Incident): NextStep => ({
  what: "This incident",
  command: `npx flux alerts list --incident ${id}`,
});

/** Operators copy this into a shell. */
function quoted(value: string): string {
  const text = plain(value, 200);
  return /^[\w.:/@+=-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "")}'`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

function durationWords(ms: number): string {
  const [unit, unitMs] = units.find(([, one]) => ms % one === 0) ?? ["ms", 1];
  return `${ms / unitMs} ${unit}`;
}

const amount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
/** To two digits: an estimate knows no more. */
const rounded = (count: number): number => Number(count.toPrecision(2));
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
