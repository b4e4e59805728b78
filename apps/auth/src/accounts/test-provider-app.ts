// flux-auth for tests with a real provider, Acme, to sign in with.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, onTestFinished } from "vitest";
import { startTestApp } from "../test-app.ts";
import { createTestClient } from "./test-clients.ts";
import { startOidcProvider, testOidcClient } from "./test-oidc-provider.ts";

export interface ProviderChange {
  /** What OIDC_PROVIDERS says, from what the provider calls itself. */
  readonly issuer?: (issuer: string) => string;
  readonly answers?: boolean;
  readonly now?: () => number;
}

export async function startWithProvider(databaseUrl: string, change: ProviderChange = {}) {
  const there = await startOidcProvider("http://localhost:3001/api/auth/callback/acme");
  there.state.answers = change.answers ?? true;
  const directory = mkdtempSync(join(tmpdir(), "flux-providers-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "providers.json");
  const issuer = change.issuer?.(there.issuer) ?? there.issuer;
  writeFileSync(path, JSON.stringify([{ id: "acme", name: "Acme", issuer, ...testOidcClient }]));
  const app = await startTestApp({
    databaseUrl,
    env: { OIDC_PROVIDERS: path },
    providerWaits: { discoveryMs: 1_000, answerMs: 2_000 },
    ...(change.now && { now: change.now }),
  });
  let last = 0;
  const client = () => createTestClient(app, `192.0.2.${++last}`);
  /** Follows the link in the newest mail to somebody. */
  const confirm = async (address: string) => {
    const mail = (await app.mails()).findLast(({ to }) => to.includes(address));
    const token = new URL(mail?.link ?? "").searchParams.get("token");
    expect((await client().get(`/verify-email?token=${token}`)).status).toBe(200);
  };
  const count = async (table: "user" | "account" | "session") =>
    (
      await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(app.database.kysely)
    ).rows.map(({ n }) => Number(n))[0];
  return { ...app, there, client, confirm, count };
}
