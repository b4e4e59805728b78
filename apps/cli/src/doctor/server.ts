// What the server that runs says: whether it is ready, its clock, and what it noticed about the proxies in front of it.

import { AdminApiError, type AlertList, type JobList, type SetupReport } from "@fluxstudio/admin-api";
import { CliError } from "../cli-error.ts";
import { feedLine } from "../commands/jobs.ts";
import { connect, serverUrl, tokenSource } from "../config.ts";
import { alertChannels } from "./alert-channels.ts";
import type { Finding } from "./finding.ts";

/** More than this apart, windows of several machines disagree. */
const clockToleranceMs = 5_000;

export async function server(): Promise<Finding[]> {
  let url: string;
  try {
    url = serverUrl();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [{ check: "server", ok: false, message: `cannot be asked: ${error.message}` }];
  }
  let response: Response;
  const before = Date.now();
  try {
    response = await fetch(`${url}/readyz`);
  } catch {
    const message = `${url} does not answer: start it with "npm start", or set FLUX_URL.`;
    return [{ check: "server", ok: false, message }];
  }
  const report = (await response.json().catch(() => ({}))) as {
    checks?: { [name: string]: { ok: boolean; message?: string } };
    degraded?: { [name: string]: { reason: string; since: string } };
  };
  if (!report.checks) {
    const message = `${url} answers, and is no flux-auth: set FLUX_URL.`;
    return [{ check: "server", ok: false, message }];
  }
  return [
    { check: "server", ok: true, message: `${url} answers` },
    ...Object.entries(report.checks).map(([name, { ok, message = "answers" }]) => ({
      check: `server's ${name}`,
      ok,
      message,
    })),
    ...Object.entries(report.degraded ?? {}).map(([name, { reason, since }]) => ({
      check: `server's ${name}`,
      ok: false,
      message: `done without since ${since} (${reason}): see docs/reliability.md`,
    })),
    clock(response, before, Date.now()),
    ...(await noticed()),
  ];
}

function clock(response: Response, before: number, after: number): Finding {
  const theirs = Date.parse(response.headers.get("date") ?? "");
  const ok = theirs >= before - clockToleranceMs && theirs <= after + clockToleranceMs;
  const message = ok ? "agrees with the server's" : "differs from the server's: set both by NTP.";
  return { check: "clock", ok, message };
}

/** What fails; of what does not, `flux jobs list` and `flux alerts list` tell. */
async function failing(): Promise<Finding[]> {
  const { jobs, feeds } = await connect().ask<JobList>("GET", "/jobs");
  const alerts = await connect().ask<AlertList>("GET", "/alerts?limit=100");
  return [
    ...alertChannels(alerts),
    ...jobs
      .filter(({ last }) => last?.outcome === "failed" || last?.outcome === "interrupted")
      .map(({ name, last }) => ({
        check: `job ${name}`,
        ok: false,
        message: `${last?.outcome}${last?.error ? `: ${last.error}` : ""}; see the log, and flux jobs list`,
      })),
    ...feeds
      .filter(({ state }) => state === "failed")
      .map((feed) => ({
        check: "IP list",
        ok: false,
        message: `${feedLine(feed)}; docs/errors.md says what to do about ${feed.failure?.code ?? "it"}`,
      })),
  ];
}

async function noticed(): Promise<Finding[]> {
  const check = "proxy set-up";
  try {
    const { warnings, trustedProxies } = await connect().ask<SetupReport>("GET", "/setup");
    // Asked with a token that is good: each wrong one is a failed sign-in.
    const more = await failing();
    if (warnings.length > 0) {
      const told = warnings.map(({ code, level, message }) => ({
        check: code === "CONFIG" ? "configuration" : check,
        message,
        ...(level === "notice" ? { ok: true, note: true } : { ok: false }),
      }));
      return [...told, ...more];
    }
    const trusted = trustedProxies.length > 0 ? trustedProxies.join(", ") : "no proxy";
    return [{ check, ok: true, message: `trusts ${trusted}, and no request looked odd so far` }, ...more];
  } catch (error) {
    if (error instanceof AdminApiError && error.status === 401) {
      const message = `the server does not accept ${tokenSource()}: is it whole, and is it that server's?`;
      return [{ check: "token", ok: false, message }];
    }
    if (error instanceof CliError || error instanceof AdminApiError)
      return [{ check, ok: false, message: `cannot be asked: ${error.message}` }];
    throw error;
  }
}
