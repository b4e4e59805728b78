// Where the server is and who is asking: FLUX_URL, FLUX_TOKEN, or the secret of a server on this machine.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AdminClient, createAdminClient } from "@fluxstudio/admin-api/client";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { CliError, usageError } from "./cli-error.ts";
import { version } from "./version.ts";

/** As flux-auth does, so that both find the same port, data and secret. */
export function loadSettings(): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
}

/** @throws CliError `USAGE` */
export function serverUrl(): string {
  const text = set("FLUX_URL") ?? `http://localhost:${set("PORT") ?? 3001}`;
  const url = URL.parse(text);
  if (url && ["http:", "https:"].includes(url.protocol)) return url.origin;
  if (set("FLUX_URL") === undefined)
    throw usageError(
      `PORT is "${set("PORT")}". Write the number that the server listens on, or set FLUX_URL.`,
    );
  throw usageError(`FLUX_URL is "${text}". Write the server's origin, such as http://localhost:3001.`);
}

/** @throws CliError `USAGE` when there is nothing to prove oneself with */
export function connect(): AdminClient {
  const token = set("FLUX_TOKEN") ?? localToken();
  return createAdminClient({ url: serverUrl(), token, userAgent: `flux/${version()}` });
}

/** Where the proof comes from, for the sentence that says it was not accepted. */
export function tokenSource(): string {
  if (set("FLUX_TOKEN") !== undefined) return "FLUX_TOKEN";
  return set("FLUX_SECRET") === undefined ? secretFile() : "FLUX_SECRET";
}

/** Whoever can read the server's secret is its operator: a token signed with it is good for a minute. */
function localToken(): string {
  const secret = set("FLUX_SECRET") ?? storedSecret();
  if (secret !== undefined) return signOperatorToken(secret, Date.now());
  throw new CliError(
    "USAGE",
    `There is no ${secretFile()} to prove that you are an operator: run this where the server's data directory is (DATA_DIR), or set FLUX_TOKEN to what "flux token create" printed there.`,
  );
}

const secretFile = (): string => join(set("DATA_DIR") ?? "data", "secret");

function storedSecret(): string | undefined {
  try {
    return readFileSync(secretFile(), "utf8").trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError("UNREADABLE", `${secretFile()} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** An empty variable counts as none, as in flux-auth. */
const set = (name: string): string | undefined => process.env[name]?.trim() || undefined;
