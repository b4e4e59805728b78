// `flux alerts`: what operators were told of, what waits to be told, and whether telling works.

import type { AlertList, AlertTestReport, DeliveryEntry, IncidentEntry } from "@fluxstudio/admin-api";
import { defineCommand } from "citty";
import { isId, limitOf } from "../arguments.ts";
import { call, jsonOption, print, time } from "../call.ts";
import { CliError, usageError } from "../cli-error.ts";

const list = defineCommand({
  meta: {
    name: "list",
    description: "Incidents, newest first, and what was sent about each. Example: flux alerts list --open",
  },
  args: {
    open: { type: "boolean", description: "Only those that go on" },
    incident: {
      type: "string",
      description: "Only the one with this id, as its alerts name it",
      valueHint: "ID",
    },
    limit: { type: "string", description: "At most this many", default: "20" },
    json: jsonOption,
  },
  async run({ args }) {
    if (args.incident !== undefined && !isId(args.incident))
      throw usageError(`"${args.incident}" is no incident's id; flux alerts list shows them.`);
    const query = new URLSearchParams({
      limit: limitOf(args.limit, 200),
      ...(args.open && { open: "true" }),
      ...(args.incident !== undefined && { id: args.incident }),
    });
    const { channels, incidents } = await call<AlertList>("GET", `/alerts?${query}`);
    if (args.json) return print(true, incidents, () => "");
    for (const incident of incidents) {
      print(false, [incident], lineOf);
      print(false, incident.deliveries, deliveryLine);
    }
    const goTo = channels.map(
      ({ name, description, severity }) => `${name} (${description}, from ${severity})`,
    );
    const words = channels.length === 0 ? off : `Alerts go to ${goTo.join(", ")}.`;
    print(false, [words], (line) => line);
  },
});

const test = defineCommand({
  meta: { name: "test", description: "Sends a test alert through each channel, and shows what came back" },
  args: { json: jsonOption },
  async run({ args }) {
    const { results } = await call<AlertTestReport>("POST", "/alerts/test");
    if (results.length === 0) throw new CliError("NOT_FOUND", off);
    print(
      args.json,
      results,
      ({ channel, to, ok, answer, tookMs }: AlertTestReport["results"][number]) =>
        `${ok ? "ok    " : "FAILED"}  ${channel} (${to}), ${tookMs} ms: ${answer}`,
    );
    const failed = results.filter(({ ok }) => !ok);
    if (failed.length > 0)
      throw new CliError("SERVER", `${failed.length} of ${results.length} channels did not take it.`);
  },
});

const off = "Alerts are off: set ALERT_MAIL_TO, ALERT_WEBHOOK_URL or ALERT_SLACK_URL (docs/alerts.md).";

function lineOf(incident: IncidentEntry): string {
  const { id, severity, rule, openedAt, lastAt, closedAt, closedWhy, detections, refused } = incident;
  const end =
    closedAt === null
      ? "goes on"
      : closedWhy === "folded"
        ? "became a part of one about many"
        : `quiet since ${time(lastAt)}`;
  const refusals = refused > 0 ? `, ${refused} refused` : "";
  return `${id}  ${time(openedAt)}  ${severity}  ${rule}: ${whoOf(incident)}  ${detections} detected${refusals}  ${end}`;
}

function whoOf({ kind, scope, value, values }: IncidentEntry): string {
  if (kind === "server") return "the server itself";
  if (kind === "one") return `${scope} ${value}`;
  const { count, isExact, sample } = values;
  return `${isExact ? "" : "about "}${count} of ${scope ?? "several scopes"}, such as ${sample.join(", ")}`;
}

function deliveryLine({
  kind,
  channel,
  status,
  heldFor,
  attempts,
  nextAttemptAt,
  sentAt,
  lastError,
}: DeliveryEntry): string {
  const tries = `${attempts} ${attempts === 1 ? "try" : "tries"}`;
  const words = {
    queued: `waits, next try ${time(nextAttemptAt ?? null)}`,
    sent: `sent ${time(sentAt)}`,
    dead: `given up after ${tries}`,
    held: `waits for a digest at ${time(nextAttemptAt ?? null)}${heldFor === "cap" ? ", too many alerts within an hour" : ""}`,
    digested: "told in a digest",
    superseded: "told by a later alert",
  }[status];
  return `    ${kind} by ${channel}: ${words}${lastError ? ` (${lastError})` : ""}`;
}

export const alerts = defineCommand({
  meta: { name: "alerts", description: "What operators are told of" },
  subCommands: { list, test },
});
