// One call to the admin API, with its failure said in a sentence.

import { AdminApiError } from "@fluxstudio/admin-api";
import { CliError } from "./cli-error.ts";
import { connect, serverUrl } from "./config.ts";
import { printable } from "./printable.ts";

/** @throws CliError `SERVER` */
export async function call<Answer>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const client = connect();
  try {
    return await client.ask<Answer>(method, path, body);
  } catch (cause) {
    const why =
      cause instanceof AdminApiError
        ? `${cause.code}: ${printable(cause.message)}`
        : `${serverUrl()} does not answer. Start it with "npm start", or set FLUX_URL.`;
    throw new CliError("SERVER", why, { cause });
  }
}

export const jsonOption = { type: "boolean", description: "One JSON value a line, for programs" } as const;

/** Lines for people, with what came from outside made safe for the terminal; JSON for programs. */
export function print(
  json: boolean | undefined,
  rows: readonly unknown[],
  line: (row: never) => string,
): void {
  for (const row of rows)
    process.stdout.write(`${json ? JSON.stringify(row) : printable(line(row as never), 400)}\n`);
}

export const time = (at: number | null): string =>
  at === null ? "somebody removes it" : new Date(at).toISOString();
