// What can be looked at on this machine without a server: the runtime, and what flux-auth says of its own set-up.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Finding } from "./finding.ts";

export function runtime(version = process.versions.node): Finding {
  const ok = Number.parseInt(version, 10) >= 24;
  const message = ok
    ? `Node ${version}`
    : `Node ${version} is too old: run "npm ci", which brings the right one.`;
  return { check: "runtime", ok, message };
}

/**
 * Configuration, secret and database, examined by flux-auth itself: nobody else knows its variables.
 * @param root of the repository, from which `npm start` reads .env and ./data
 */
export async function setUp(root: string): Promise<Finding[]> {
  const program = join(root, "apps/auth/src/doctor.ts");
  if (!existsSync(program)) {
    return [{ check: "configuration", ok: true, note: true, message: "flux-auth is not installed here" }];
  }
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: root });
    const lines = stdout.trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Finding);
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const why = /^\w*Error.*$/m.exec(stderr)?.[0] ?? String(error);
    return [{ check: "configuration", ok: false, message: `flux-auth cannot even be loaded: ${why}` }];
  }
}
