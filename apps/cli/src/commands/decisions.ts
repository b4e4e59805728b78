// `flux decisions`: what is in force, and taking or lifting a decision by hand.

import type { Decision, Scope } from "@fluxstudio/guard";
import { defineCommand } from "citty";
import { call, jsonOption, print, time } from "../call.ts";
import { usageError } from "../cli-error.ts";

export const lineOf = (one: Decision): string =>
  `${one.id}  ${one.action} ${one.scope} ${one.value} until ${time(one.until)}, by ${one.rule ?? one.origin}${one.reason ? `: ${one.reason}` : ""}`;

const list = defineCommand({
  meta: {
    name: "list",
    description: "Decisions in force, newest first. Example: flux decisions list --json",
  },
  args: { json: jsonOption },
  async run({ args }) {
    const { decisions } = await call<{ decisions: Decision[] }>("GET", "/decisions");
    print(args.json, decisions, lineOf);
    if (!args.json && decisions.length === 0) process.stdout.write("No decision is in force.\n");
  },
});

const add = defineCommand({
  meta: {
    name: "add",
    description: "Takes a decision. Example: flux decisions add block ip 203.0.113.7 --for 1h",
  },
  args: {
    action: {
      type: "positional",
      required: true,
      description: "allow, delay, challenge, step-up, block or lock",
    },
    scope: { type: "positional", required: true, description: "ip, ip-prefix, account, …" },
    value: {
      type: "positional",
      required: true,
      description: "203.0.113.7, 203.0.113.0/24, an e-mail address, …",
    },
    for: { type: "string", description: "30m, 12h or 7d; without it until somebody removes it" },
    reason: { type: "string", description: "Why, for the next operator" },
    json: jsonOption,
  },
  async run({ args }) {
    const durationMs = args.for === undefined ? undefined : durationOf(args.for);
    const { action, scope, value, reason } = args;
    print(
      args.json,
      [await call<Decision>("POST", "/decisions", { action, scope, value, durationMs, reason })],
      lineOf,
    );
  },
});

const remove = defineCommand({
  meta: {
    name: "remove",
    description:
      "Ends a decision, named by its id or by whom it is about, and forgets what was counted. Example: flux decisions remove ip 203.0.113.7",
  },
  args: {
    target: { type: "positional", required: true, description: "The decision's id, or a scope" },
    value: { type: "positional", required: false, description: "The scope's value" },
    json: jsonOption,
  },
  async run({ args }) {
    const ids = args.value === undefined ? [args.target] : await idsOf(args.target as Scope, args.value);
    if (ids.length === 0) throw usageError(`No decision about ${args.target} ${args.value} is in force.`);
    for (const id of ids)
      print(
        args.json,
        [await call<Decision>("DELETE", `/decisions/${encodeURIComponent(id)}`)],
        (one) => `lifted: ${lineOf(one)}`,
      );
  },
});

async function idsOf(scope: Scope, value: string): Promise<string[]> {
  const query = new URLSearchParams({ scope, value });
  const { decisions } = await call<{ decisions: Decision[] }>("GET", `/explain?${query}`);
  return decisions.map((one) => one.id);
}

function durationOf(text: string): number {
  const [, amount, unit = ""] = /^(\d{1,4})([smhd])$/.exec(text) ?? [];
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (unitMs === undefined)
    throw usageError(`--for takes a number and s, m, h or d, for example 12h; not "${text}".`);
  return Number(amount) * unitMs;
}

export const decisions = defineCommand({
  meta: { name: "decisions", description: "What is decided about whom" },
  subCommands: { list, add, remove },
});
