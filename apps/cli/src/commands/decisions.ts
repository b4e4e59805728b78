// `flux decisions`: what is in force, and taking or lifting a decision by hand.

import type { ExplainAnswer } from "@fluxstudio/admin-api";
import type { Decision } from "@fluxstudio/guard";
import { actions, normaliseScopeValue, type Scope, scopes } from "@fluxstudio/guard/vocabulary";
import { defineCommand } from "citty";
import { actionDescription, oneOf, scopeDescription, scopeOf } from "../arguments.ts";
import { call, jsonOption, print, time } from "../call.ts";
import { CliError, usageError } from "../cli-error.ts";
import { durationOf } from "../duration.ts";
import { printable } from "../printable.ts";

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
    action: { type: "positional", required: true, description: actionDescription },
    scope: { type: "positional", required: true, description: scopeDescription },
    value: {
      type: "positional",
      required: true,
      description: "203.0.113.7, 203.0.113.0/24, an e-mail address, …",
    },
    for: { type: "string", description: "30m, 12h or 7d; without it until somebody removes it" },
    reason: { type: "string", description: "Why, for the next operator" },
    force: {
      type: "boolean",
      description: "Also about everybody (global), and about ranges shorter than /8 (IPv6: /16)",
    },
    json: jsonOption,
  },
  async run({ args }) {
    const { value, reason, force } = args;
    const action = oneOf("ACTION", actions, args.action);
    const scope = scopeOf(args.scope);
    normaliseScopeValue(scope, value);
    const durationMs = args.for === undefined ? undefined : durationOf(args.for);
    const asked = { action, scope, value, durationMs, reason, force };
    print(args.json, [await call<Decision>("POST", "/decisions", asked)], lineOf);
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
  async run({ args: { target, value, json } }) {
    const lift = async (id: string) =>
      print(
        json,
        [await call<Decision>("DELETE", `/decisions/${encodeURIComponent(id)}`)],
        (one) => `lifted: ${lineOf(one)}`,
      );
    if (value === undefined) {
      if (scopes.some((scope) => scope === target))
        throw usageError(`Say whose: flux decisions remove ${target} VALUE.`);
      return lift(target);
    }
    const { exact, covering } = await decisionsAbout(scopeOf(target), value);
    for (const { id } of exact) await lift(id);
    const still = covering.map((one) =>
      one.origin === "feed"
        ? `${one.scope} ${one.value} is listed and stays (${one.action}, by ${one.reason}); flux decisions add ${one.action === "block" ? "allow" : "block"} ${target} ${value} counts before that.`
        : `${one.scope} ${one.value} holds it and stays (${one.action}, by ${one.rule ?? one.origin}); flux decisions remove ${one.id} lifts that.`,
    );
    const none = exact.length === 0 ? [`No decision about ${target} ${value} itself is in force.`] : [];
    const words = printable([...none, ...still].join(" "), 400);
    if (none.length > 0) throw new CliError("NOT_FOUND", words);
    if (words !== "") process.stderr.write(`flux decisions remove: ${words}\n`);
  },
});

/** What is decided about exactly this, and what about a range that holds it: that concerns others, too. What a feed lists only its list ends. */
async function decisionsAbout(scope: Scope, text: string) {
  normaliseScopeValue(scope, text);
  const query = new URLSearchParams({ scope, value: text });
  const { decisions, value } = await call<ExplainAnswer>("GET", `/explain?${query}`);
  const isExact = (one: Decision) => one.origin !== "feed" && one.scope === scope && one.value === value;
  return { exact: decisions.filter(isExact), covering: decisions.filter((one) => !isExact(one)) };
}

export const decisions = defineCommand({
  meta: { name: "decisions", description: "What is decided about whom" },
  subCommands: { list, add, remove },
});
