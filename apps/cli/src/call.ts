// One call to the admin API, with its failure said in a sentence.

import { AdminApiError } from "@fluxstudio/admin-api/client";
import { CliError } from "./cli-error.ts";
import { connect, serverUrl, tokenSource } from "./config.ts";
import { fold } from "./fold.ts";
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
    throw new CliError("SERVER", inWords(cause), { cause });
  }
}

function inWords(cause: unknown): string {
  const url = serverUrl();
  if (!(cause instanceof AdminApiError)) {
    // fetch() says only that it failed; its cause says why.
    const why = (cause as { cause?: { code?: string; message?: string } }).cause;
    return `${url} does not answer (${printable(why?.code ?? why?.message ?? String(cause))}). Start it with "npm start", or set FLUX_URL.`;
  }
  if (cause.status === 401)
    return `${url} does not accept ${tokenSource()}. Is it whole, and is it that server's?`;
  if (cause.code === "FAILED") return `${url} is no flux-auth (it answered ${cause.status}). Set FLUX_URL.`;
  return `${cause.code}: ${printable(cause.message)}`;
}

export const jsonOption = { type: "boolean", description: "One JSON value a line, for programs" } as const;

/** Lines for people, with what came from outside made safe for the terminal and broken to its width; JSON for programs. */
export function print(
  json: boolean | undefined,
  rows: readonly unknown[],
  line: (row: never) => string,
): void {
  const { columns } = process.stdout;
  for (const row of rows) {
    const text = json ? JSON.stringify(row) : fold(printable(line(row as never), 400), columns);
    process.stdout.write(`${text}\n`);
  }
}

/** To the second: nobody reads milliseconds, and programs take `--json`. */
export const time = (at: number | null): string =>
  at === null ? "somebody removes it" : new Date(at).toISOString().replace(/\.\d+/, "");

/** In the largest unit that leaves no rest: `5 min`, `36 h`, `365 d`. */
export function duration(ms: number): string {
  const [unit, unitMs] = units.find(([, one]) => ms % one === 0) ?? ["ms", 1];
  return `${ms / unitMs} ${unit}`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;
