// `flux events`: what happened, and what is happening.

import { setTimeout as sleep } from "node:timers/promises";
import { eventFormats } from "@fluxstudio/admin-api/words";
import { defineCommand } from "citty";
import { addressOf, limitOf, oneOf } from "../arguments.ts";
import { call, jsonOption, print, time } from "../call.ts";
import { usageError } from "../cli-error.ts";
import { type EventPage, exportEvents } from "../export-events.ts";
import { followEvents } from "../follow-events.ts";
import { momentOf } from "../moment.ts";
import { createOutput } from "../output.ts";

const intervalMs = 1_000;
const exportFormats = ["json", ...eventFormats] as const;

/** The parts of a stored event that a line shows. */
interface EventLine {
  readonly event: {
    readonly id: string;
    readonly at: number;
    readonly signal: { readonly type: string; readonly ip: string };
    readonly detections: readonly { readonly rule: string; readonly severity: string }[];
    readonly decision?: { readonly action: string; readonly until: number | null };
    readonly refusals?: { readonly count: number };
  };
}

const filters = {
  rule: { type: "string", description: "Events that this rule detected or decided" },
  ip: { type: "string", description: "Events of this address" },
  json: jsonOption,
} as const;

const list = defineCommand({
  meta: {
    name: "list",
    description: "Security events, newest first. Example: flux events list --rule brute-force --limit 5",
  },
  args: { ...filters, limit: { type: "string", description: "At most this many", default: "20" } },
  async run({ args }) {
    const { rule, ip, json } = args;
    const limit = limitOf(args.limit, 1_000);
    const found = await ask({ rule, ip: ip === undefined ? ip : addressOf(ip), limit });
    // Asked only then: a rule that is gone may have left events.
    if (found.length === 0 && rule !== undefined) await refuseUnknownRule(rule);
    print(json, found, lineOf);
    if (!json && found.length === 0) process.stdout.write("No event.\n");
  },
});

const tail = defineCommand({
  meta: {
    name: "tail",
    description:
      "Security events as they happen, until interrupted. Example: flux events tail --ip 203.0.113.7",
  },
  args: filters,
  async run({ args }) {
    const { rule, json } = args;
    const ip = args.ip === undefined ? undefined : addressOf(args.ip);
    if (rule !== undefined) await refuseUnknownRule(rule);
    const output = createOutput();
    const events = followEvents<EventLine>({
      ask: ({ limit, after }) => ask({ rule, ip, after, limit: String(limit) }),
      wait: () => sleep(intervalMs),
    });
    for await (const fresh of events) {
      if (output.closed) return;
      print(json, fresh, lineOf);
    }
  },
});

const exportCommand = defineCommand({
  meta: {
    name: "export",
    description:
      "All security events of a stretch of time as lines of JSON, the earliest first. Example: flux events export --since 24h --format ocsf",
  },
  args: {
    rule: filters.rule,
    ip: filters.ip,
    since: { type: "string", description: "30m, 24h, 7d or a time (ISO 8601)", default: "24h" },
    until: { type: "string", description: "Events before this; now when absent" },
    format: {
      type: "string",
      valueHint: exportFormats.join("|"),
      description: "As flux-auth keeps them, in the Elastic Common Schema, or in OCSF",
      default: "json",
    },
  },
  async run({ args }) {
    const now = Date.now();
    const { rule } = args;
    const ip = args.ip === undefined ? undefined : addressOf(args.ip);
    const since = momentOf("--since", args.since, now);
    const until = args.until === undefined ? now : momentOf("--until", args.until, now);
    const chosen = oneOf("--format", exportFormats, args.format);
    const format = chosen === "json" ? undefined : chosen;
    if (rule !== undefined) await refuseUnknownRule(rule);
    const output = createOutput();
    const pages = exportEvents({
      since,
      until,
      ask: async ({ after, before, limit }) => {
        const query = { rule, ip, after, before, format, limit: String(limit) };
        return page(await call<Answer>("GET", `/events?${search(query)}`));
      },
    });
    for await (const events of pages) {
      for (const event of events) output.write(`${JSON.stringify(event)}\n`);
      await output.ready();
      if (output.closed) return;
    }
  },
});

interface Answer {
  readonly events: readonly (EventLine | object)[];
  /** With a format. */
  readonly newest?: string;
}

const page = ({ events, newest }: Answer): EventPage => ({
  events,
  newest: newest ?? (events[0] as EventLine | undefined)?.event.id,
});

async function ask(query: { readonly [name: string]: string | undefined }): Promise<EventLine[]> {
  return (await call<{ events: EventLine[] }>("GET", `/events?${search(query)}`)).events;
}

function search(query: { readonly [name: string]: string | undefined }): URLSearchParams {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(set);
}

async function refuseUnknownRule(rule: string): Promise<void> {
  const { rules } = await call<{ rules: { readonly id: string }[] }>("GET", "/rules");
  const known = rules.map((one) => one.id);
  if (!known.includes(rule)) throw usageError(`There is no rule "${rule}". There are: ${known.join(", ")}.`);
}

function lineOf({ event }: EventLine): string {
  const found = event.detections.map((one) => `${one.rule} (${one.severity})`).join(", ");
  const decided = event.decision ? ` -> ${event.decision.action} until ${time(event.decision.until)}` : "";
  const what = event.refusals ? `${event.refusals.count} refused` : event.signal.type;
  return `${time(event.at)}  ${event.signal.ip}  ${what}${found ? `  ${found}` : ""}${decided}`;
}

export const events = defineCommand({
  meta: { name: "events", description: "What happened" },
  subCommands: { list, tail, export: exportCommand },
});
