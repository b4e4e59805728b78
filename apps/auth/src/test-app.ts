// flux-auth for tests: the real services on a database, asked without a socket, with their log in memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { createLogger, type LogLevel } from "@fluxstudio/telemetry";
import { onTestFinished } from "vitest";
import { readConfig } from "./config.ts";
import { readMails } from "./mail/test-mails.ts";
import { createServices, type ServicesOptions } from "./services.ts";

const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";

/** What a program sends with each request. */
export const program = { "content-type": "application/json", "x-flux-client": "test" };
/** What lets an operator into the admin API. */
export const asOperator = (at = Date.now()) => ({
  authorization: `Bearer ${signOperatorToken(secret, at)}`,
});

export interface TestAppOptions {
  readonly databaseUrl: string;
  /** @default "info" */
  readonly logLevel?: LogLevel;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  readonly reporting?: ServicesOptions["reporting"];
  /** Hashed as in earnest, which takes fifty times as long as what tests of other things need. @default false */
  readonly realPasswords?: boolean;
  readonly providerWaits?: ServicesOptions["providerWaits"];
}

/** Closed after the test. */
export async function startTestApp(options: TestAppOptions) {
  const { databaseUrl, logLevel = "info", env = {}, now = Date.now, reporting = {}, providerWaits } = options;
  const passwordCost = options.realPasswords ? undefined : { memoryCost: 256, timeCost: 1 };
  const lines: string[] = [];
  const logger = createLogger({ level: logLevel, stream: { write: (line) => void lines.push(line) } });
  const dataDir = mkdtempSync(join(tmpdir(), "flux-test-data-"));
  const config = readConfig({ FLUX_SECRET: secret, ...env, DATABASE_URL: databaseUrl, DATA_DIR: dataDir });
  const services = await createServices({
    config,
    secret,
    logger,
    now,
    reporting,
    passwordCost,
    providerWaits,
  });
  onTestFinished(async () => {
    await services.jobs.close();
    await services.feeds.close();
    await services.mailer.close();
    await services.guard.close();
    await services.reports.close();
    await services.shared?.close();
    await services.database.close();
    rmSync(dataDir, { recursive: true });
  });
  /** @param ip the peer of the socket */
  const ask = async (path: string, init: RequestInit, ip: string): Promise<Response> =>
    services.app.request(path, init, { incoming: { socket: { remoteAddress: ip } } });
  const post = (path: string, body: object, ip: string, headers: object = {}) =>
    ask(path, { method: "POST", headers: { ...program, ...headers }, body: JSON.stringify(body) }, ip);
  /** Every mail so far, the oldest first. */
  const mails = async () => {
    await services.mailer.sendDue();
    return readMails(join(dataDir, "outbox"));
  };
  return { ...services, lines, ask, post, mails, dataDir };
}
