// Bad input of all kinds at every endpoint: each answer is a clear one, and what is refused leaves nothing behind.

import { readFileSync } from "node:fs";
import { adminBase } from "@fluxstudio/admin-api";
import fc from "fast-check";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { basePath } from "./auth.ts";
import { describeDatabases } from "./database/test-database.ts";
import { asOperator, program, startTestApp } from "./test-app.ts";
import { type BadRequest, type Belongings, badRequestTo } from "./test-bad-requests.ts";
import { everyEndpoint } from "./test-doors.ts";

/** Other requests: FLUX_TEST_SEED=… FLUX_TEST_RUNS=…; a failure says which seed and which request it was. */
const seed = Number(process.env.FLUX_TEST_SEED ?? 20_261_124);
const numRuns = Number(process.env.FLUX_TEST_RUNS ?? 4);

const timeoutMs = 60_000 + numRuns * 5_000;

const password = "correct horse battery";
const documented = new Set(
  [
    ...readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8").matchAll(
      /`([A-Z][A-Z0-9_]+)`/g,
    ),
  ].map(([, code]) => code),
);

/**
 * What a refused request may write: events and decisions about it, and what a wrong code or a spent challenge is counted
 * in. Everything else is whatever people own.
 */
const mayChange = /^(?:security_event\w*|security_detection\w*|decision|verification|twoFactor|flux_\w+)$/;

describeDatabases("bad input", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it(
    "at any endpoint gets a clear answer with a documented code, and writes nothing when it is refused",
    async () => {
      const flux = await start(await databases.url());
      const mine = await flux.belongings();
      const endpoints = everyEndpoint(flux.app, flux.auth);
      expect(endpoints.length).toBeGreaterThan(40);
      const statuses = new Set<number>();
      /** One of each kind. */
      const problems = new Map<string, string>();
      for (const [i, endpoint] of endpoints.entries()) {
        // One seed for all would make the same choices at each.
        for (const request of fc.sample(badRequestTo(endpoint, mine), { seed: seed + i * 1_000, numRuns })) {
          const { status, problem, example } = await flux.judge(request);
          statuses.add(status);
          if (problem !== undefined) problems.set(`${request.method} ${endpoint.path}: ${problem}`, example);
        }
      }
      expect([...problems].map(([problem, example]) => `${problem}\n${example}`).join("\n\n")).toBe("");
      // The requests get further than the first check.
      expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 413, 415]));
      expect(Object.prototype).not.toHaveProperty("polluted");
      const roles = await sql<{
        role: string;
      }>`select distinct role from "user" where role <> 'user'`.execute(flux.database.kysely);
      expect(flux.adminsMade() > 0 ? [{ role: "admin" }] : []).toEqual(roles.rows);
    },
    timeoutMs,
  );
});

async function start(databaseUrl: string) {
  const flux = await startTestApp({ databaseUrl, env: { EMAIL_VERIFICATION: "optional" } });
  const { database, guard, mailer } = flux;
  let requests = 0;
  let adminsMade = 0;
  let people = 0;
  let cookie = await signedIn();
  const tables = (await database.kysely.introspection.getTables())
    .map(({ name }) => name)
    .filter((name) => !mayChange.test(name));
  let owned = await snapshot();

  /** Each from an address of its own: the block of one would hide what the rest does. */
  function nextIp(): string {
    requests++;
    return `10.${requests >> 8}.${requests & 255}.7`;
  }

  async function signUp() {
    const email = `person${people++}@example.com`;
    const body = { name: "Ada", email, password, tokens: true };
    const response = await flux.post(`${basePath}/signup`, body, nextIp());
    expect(response.status).toBe(200);
    return { email, response };
  }

  async function signedIn(): Promise<string> {
    const { response } = await signUp();
    return response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
  }

  async function belongings(): Promise<Belongings> {
    const { email, response } = await signUp();
    const { user, accessToken, refreshToken } = JSON.parse(await response.text());
    await flux.post(`${basePath}/request-password-reset`, { email }, nextIp());
    const sent = (await flux.mails()).filter(({ to }) => to[0] === email);
    const [verifyToken = "", resetToken = ""] = ["/verify-email", "/reset-password"].map((path) => {
      const link = sent.map((mail) => new URL(mail.link ?? "")).find(({ pathname }) => pathname === path);
      return link?.searchParams.get("token") ?? "";
    });
    expect([verifyToken, resetToken]).not.toContain("");
    const session = await database.kysely
      .withTables<{ session: { token: string; userId: string } }>()
      .selectFrom("session")
      .select("token")
      .where("userId", "=", user.id)
      .executeTakeFirstOrThrow();
    owned = await snapshot();
    const own = { email, password, userId: user.id, sessionToken: session.token };
    return { ...own, verifyToken, resetToken, accessToken, refreshToken };
  }

  async function snapshot(): Promise<string> {
    await mailer.sendDue();
    const texts = await Promise.all(
      tables.map(async (name) => {
        const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.kysely);
        return `${name}: ${rows.map((row) => JSON.stringify(row)).sort()}`;
      }),
    );
    return texts.join("\n");
  }

  async function send({ method, path, headers, body, as }: BadRequest): Promise<Response> {
    const own: Record<string, string> = { ...headers };
    if (as === "operator") Object.assign(own, asOperator());
    if (as === "somebody") own.cookie = [cookie, headers.cookie].filter(Boolean).join("; ");
    return flux.ask(path, { method, headers: own, ...(body === undefined ? {} : { body }) }, nextIp());
  }

  async function judge(request: BadRequest) {
    const response = await send(request);
    const text = await response.text();
    const { status } = response;
    const example = `${JSON.stringify({ ...request, body: request.body?.slice(0, 1_000) })}\n${status} ${text.slice(0, 500)}`;
    const before = owned;
    owned = await snapshot();
    if (status < 400) await settle(request);
    return { status, example, problem: problemOf(request, response, text, before) };
  }

  function problemOf(
    request: BadRequest,
    response: Response,
    text: string,
    before: string,
  ): string | undefined {
    const { status } = response;
    if (status >= 500) return `${status}`;
    if (status < 400) {
      const location = response.headers.get("location") ?? "";
      return /evil\.example|^javascript:/.test(location) ? `${status} leads to ${location}` : undefined;
    }
    const code = codeIn(text);
    if (request.method !== "HEAD" && !documented.has(code)) return `${status} with the code ${code}`;
    // A copied refresh token ends its family, which is what its owner wants.
    if (code === "REFRESH_TOKEN_REUSED" || owned === before) return undefined;
    return `${status}, and yet written: ${changed(before, owned)}`;
  }

  /** Undoes what would keep later requests from getting anywhere. */
  async function settle({ path, method, as }: BadRequest): Promise<void> {
    if (path.startsWith(`${adminBase}/admins`)) adminsMade++;
    for (const { id } of guard.decisions(Date.now())) await guard.lift(id, Date.now());
    if (as !== "somebody" || method === "HEAD") return;
    const me = await flux.ask(`${basePath}/me`, { headers: { ...program, cookie } }, nextIp());
    if (me.status === 200) return;
    cookie = await signedIn();
    owned = await snapshot();
  }

  return { ...flux, belongings, judge, adminsMade: () => adminsMade };
}

function codeIn(text: string): string {
  try {
    return String(JSON.parse(text).code);
  } catch {
    return `none, as it is no JSON: ${text.slice(0, 50)}`;
  }
}

function changed(before: string, after: string): string {
  const lines = new Set(before.split("\n"));
  return after
    .split("\n")
    .filter((line) => !lines.has(line))
    .map((line) => line.split(":")[0])
    .join();
}
