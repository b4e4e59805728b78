// `flux doctor`: what is wrong with the set-up, and what to do about it.

import { statSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { jsonOption, print } from "../call.ts";
import { dataDir, serverUrl } from "../config.ts";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}

/** More than this apart, windows of several machines disagree. */
const clockToleranceMs = 5_000;

export const doctor = defineCommand({
  meta: { name: "doctor", description: "Looks at runtime, data directory, server, database and clock" },
  args: { json: jsonOption },
  async run({ args }) {
    const findings = [runtime(), secretFile(), ...(await server())];
    print(args.json, findings, (one: Finding) => `${one.ok ? "ok  " : "FAIL"}  ${one.check}: ${one.message}`);
    if (findings.some((one) => !one.ok)) process.exitCode = 1;
  },
});

function runtime(): Finding {
  const ok = Number(process.versions.node.split(".")[0]) >= 24;
  return {
    check: "runtime",
    ok,
    message: ok ? process.version : `${process.version} is too old: run "npm ci", which brings Node 24.`,
  };
}

function secretFile(): Finding {
  const path = join(dataDir(), "secret");
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found)
    return {
      check: "secret",
      ok: true,
      message: `no ${path}: made at the first start, or FLUX_SECRET is used`,
    };
  const ok = (found.mode & 0o077) === 0;
  return { check: "secret", ok, message: ok ? path : `others can read ${path}: chmod 600 ${path}` };
}

async function server(): Promise<Finding[]> {
  try {
    const before = Date.now();
    const response = await fetch(`${serverUrl()}/readyz`);
    const report = (await response.json()) as {
      checks: { [name: string]: { ok: boolean; message?: string } };
    };
    const apart = Math.abs(Date.parse(response.headers.get("date") ?? "") - before);
    const clock = apart <= clockToleranceMs;
    return [
      ...Object.entries(report.checks).map(([check, { ok, message = "answers" }]) => ({
        check,
        ok,
        message,
      })),
      {
        check: "clock",
        ok: clock,
        message: clock ? "agrees with the server's" : "differs from the server's: set both by NTP.",
      },
    ];
  } catch {
    return [
      {
        check: "server",
        ok: false,
        message: `${serverUrl()} does not answer: start it with "npm start", or set FLUX_URL.`,
      },
    ];
  }
}
