// A flux-auth to measure: its real services on a database in memory, asked without a socket, with one account.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@fluxstudio/telemetry";
import { readConfig } from "../apps/auth/src/config.ts";
import { createServices } from "../apps/auth/src/services.ts";

export const password = "correct horse battery";
export const email = "ada@example.com";
export const headers = { "content-type": "application/json", "x-flux-client": "bench" };

/** All rules count, but an account that is failed at again and again is not closed for a while. */
const patience = { "account-guessing": { threshold: 1_000 } };

/** @param env further settings */
export async function fluxAuth(env: Readonly<Record<string, string>> = {}) {
  const logger = createLogger({ level: "silent" });
  const dataDir = mkdtempSync(join(tmpdir(), "flux-bench-"));
  const rules = join(dataDir, "rules.json");
  writeFileSync(rules, JSON.stringify(patience));
  const settings = { ...env, FLUX_RULES: rules, DATABASE_URL: ":memory:", DATA_DIR: dataDir };
  const config = readConfig(settings);
  const services = await createServices({ config, secret: "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC", logger });
  /** @param i of the address that asks */
  const ask = (path: string, body: object, i: number, more: object = {}) => {
    const env = { incoming: { socket: { remoteAddress: `10.0.${i >> 8}.${i & 255}` } } };
    return services.app.request(
      `/api/auth${path}`,
      { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) },
      env,
    );
  };
  const signedUp = await ask("/signup", { name: "Ada", email, password }, 65_000);
  const cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const stop = async () => {
    await services.mailer.close();
    await services.guard.close();
    await services.database.close();
    rmSync(dataDir, { recursive: true });
  };
  return { ...services, ask, cookie, stop };
}
