// `flux jobs`: what is cleaned up when, what came of it, and doing it now.

import { setTimeout as wait } from "node:timers/promises";
import type { FeedEntry, JobEntry, JobList, JobRun } from "@fluxstudio/admin-api";
import { defineCommand } from "citty";
import { call, jsonOption, print, time } from "../call.ts";
import { CliError } from "../cli-error.ts";

const pollMs = 500;

const list = defineCommand({
  meta: {
    name: "list",
    description: "The jobs: when each is due, and what came of its last run; then the feeds of IP lists",
  },
  args: { json: jsonOption },
  async run({ args }) {
    const { jobs, feeds } = await call<JobList>("GET", "/jobs");
    print(args.json, jobs, lineOf);
    print(args.json, feeds, feedLine);
  },
});

const run = defineCommand({
  meta: {
    name: "run",
    description: "Runs a job now, and waits for its end. Example: flux jobs run events --dry-run",
  },
  args: {
    name: { type: "positional", required: true, description: "As flux jobs list shows it" },
    "dry-run": { type: "boolean", description: "Says what would be done, and does nothing" },
    json: jsonOption,
  },
  async run({ args }) {
    const dryRun = args["dry-run"] === true;
    const begun = await call<JobRun>("POST", `/jobs/${encodeURIComponent(args.name)}/run`, { dryRun });
    const ended = await endOf(args.name, begun);
    print(args.json, [ended], (one: JobRun) => `${args.name}: ${resultOf(one)}`);
    if (ended.outcome !== "done") process.exitCode = 1;
  },
});

/** Whichever process is asked: they share the table. @throws CliError `SERVER` when another run has come after it */
async function endOf(name: string, begun: JobRun): Promise<JobRun> {
  for (;;) {
    const { jobs } = await call<JobList>("GET", "/jobs");
    const job = jobs.find((one) => one.name === name);
    const ended = begun.dryRun ? job?.lastDryRun : job?.last;
    if (ended?.run === begun.run) return ended;
    if (job?.running?.run !== begun.run)
      throw new CliError(
        "SERVER",
        "Its process ended in the midst of it; flux jobs list shows what came next.",
      );
    await wait(pollMs);
  }
}

function lineOf({ name, description, nextRunAt, running, last }: JobEntry): string {
  return [
    name,
    running
      ? ["running since", time(running.startedAt), countsOf(running)].filter(Boolean).join(" ")
      : `next ${time(nextRunAt)}`,
    last ? `last ${time(last.startedAt)}: ${resultOf(last)}` : "not run yet",
    description,
  ].join("  ");
}

export function feedLine({ list, source, state, networks, leftOut, loadedAt, failure }: FeedEntry): string {
  const lines = leftOut === 0 ? "" : `, ${leftOut} ${leftOut === 1 ? "line" : "lines"} left out`;
  const inForce =
    loadedAt === undefined
      ? "nothing of it is in force"
      : `${networks} networks, loaded ${time(loadedAt)}${lines}`;
  const why = failure === undefined ? "" : `: ${failure.code}, ${failure.detail}`;
  return `${list}  ${source}  ${state}${why}  ${inForce}`;
}

function resultOf(run: JobRun): string {
  const { outcome, durationMs, error, dryRun } = run;
  const took = durationMs === undefined ? "" : ` in ${(durationMs / 1000).toFixed(1)} s`;
  const counts = countsOf(run);
  if (dryRun && outcome === "done") return `would have dealt with ${counts || "nothing"}`;
  return [`${outcome ?? "unfinished"}${took}`, counts, error].filter(Boolean).join(", ");
}

const countsOf = ({ counts }: JobRun): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");

export const jobs = defineCommand({
  meta: { name: "jobs", description: "What is done on a schedule" },
  subCommands: { list, run },
});
