// Every sink of a running flux-auth as text: its log, event file, metrics and reports, each column of each table, and what the admin API answers.

import { readFileSync } from "node:fs";
import { sql } from "kysely";
import type { Database } from "./database/database.ts";
import type { StoredEvent } from "./events/event-row.ts";

export interface Sink {
  /** `log`, `session.token`, `GET /events`. */
  readonly name: string;
  readonly text: string;
}

export interface SinkSources {
  readonly database: Database;
  /** What was logged, or written past the log. */
  readonly lines: readonly string[];
  /** The file that EVENT_LOG_FILE names. */
  readonly eventFile: string;
  /** Asks the admin API as an operator. */
  readonly admin: (method: string, path: string) => Promise<string>;
  /** What Sentry was sent. */
  readonly envelopes: readonly { readonly text: string }[];
  readonly monitoring: { readonly metrics: { text(): Promise<string> } };
  /** What was counted about these addresses is explained. */
  readonly addresses: readonly string[];
}

export async function everySink(sources: SinkSources): Promise<Sink[]> {
  const { database, lines, eventFile, envelopes, admin, monitoring, addresses } = sources;
  const sinks = lines.map((text) => ({ name: "log", text }));
  sinks.push(...envelopes.map(({ text }) => ({ name: "Sentry", text })));
  sinks.push({ name: "event file", text: readFileSync(eventFile, "utf8") });
  sinks.push({ name: "metrics", text: await monitoring.metrics.text() });
  sinks.push(...(await columns(database)));
  for (const path of ["/decisions", "/rules", "/tokens", "/mail?limit=500", "/alerts?limit=200"]) {
    sinks.push({ name: `GET ${path}`, text: await admin("GET", path) });
  }
  for (let before: string | undefined, more = true; more; ) {
    const text = await admin("GET", `/events?limit=1000${before ? `&before=${before}` : ""}`);
    sinks.push({ name: "GET /events", text });
    const { events }: { events: StoredEvent[] } = JSON.parse(text);
    before = events.at(-1)?.event.id;
    more = before !== undefined;
  }
  for (const ip of new Set(addresses)) {
    sinks.push({ name: "GET /explain", text: await admin("GET", `/explain?scope=ip&value=${ip}`) });
  }
  return sinks;
}

async function columns({ kysely }: Database): Promise<Sink[]> {
  const sinks: Sink[] = [];
  for (const { name } of await kysely.introspection.getTables()) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(kysely);
    for (const column of Object.keys(rows[0] ?? {})) {
      const text = rows.map((row) => String(row[column])).join("\n");
      sinks.push({ name: `${name}.${column}`, text });
    }
  }
  return sinks;
}
