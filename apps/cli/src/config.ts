// Where the server is and who is asking: FLUX_URL, FLUX_TOKEN, or the secret of a server on this machine.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AdminClient, createAdminClient } from "@fluxstudio/admin-api";
import { signOperatorToken } from "@fluxstudio/admin-api/operator-token";
import { CliError } from "./cli-error.ts";

export const serverUrl = (): string => process.env.FLUX_URL ?? "http://localhost:3001";

/** @throws CliError `USAGE` when there is nothing to prove oneself with */
export function connect(): AdminClient {
  return createAdminClient({ url: serverUrl(), token: process.env.FLUX_TOKEN ?? localToken() });
}

/** Whoever can read the server's secret is its operator: a token signed with it is good for a minute. */
function localToken(): string {
  const secret = process.env.FLUX_SECRET ?? storedSecret();
  if (secret !== undefined) return signOperatorToken(secret, Date.now());
  throw new CliError(
    "USAGE",
    "Set FLUX_TOKEN, or run this where the server's data directory is (DATA_DIR, ./data).",
  );
}

export const dataDir = (): string => process.env.DATA_DIR ?? "data";

function storedSecret(): string | undefined {
  try {
    return readFileSync(join(dataDir(), "secret"), "utf8").trim();
  } catch {
    return undefined;
  }
}
