// Secrets stay in their places: canaries go in at every door, and each log line, table, event, line of the event file, alert and answer to operators is searched.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adminBase } from "@fluxstudio/admin-api";
import type { ErrorReportsOptions } from "@fluxstudio/telemetry";
import { startSentryReceiver } from "@fluxstudio/telemetry/testing";
import { sql } from "kysely";
import { expect, it, onTestFinished, vi } from "vitest";
import { createAuthenticator, createTestClient } from "./accounts/test-clients.ts";
import { testOidcClient } from "./accounts/test-oidc-provider.ts";
import { startReceiver } from "./alerts/test-receiver.ts";
import { basePath } from "./auth.ts";
import { describeDatabases } from "./database/test-database.ts";
import { asOperator, program, startTestApp } from "./test-app.ts";
import { createCanaries } from "./test-canaries.ts";
import { everyEndpoint, requestsAt, secretsAt } from "./test-doors.ts";
import { everySink } from "./test-sinks.ts";

// Every endpoint is asked in many ways, and most of them by an account of its own.
vi.setConfig({ testTimeout: 120_000 });

/** A tool's user agent, so that every request to a door is detected and recorded. */
const tool = { ...program, "user-agent": "curl/7.68.0" };

const tokensInAnswers = /"(accessToken|refreshToken)":"([^"]+)"/g;

/** Every detection is told at once, on every channel. */
const alertsTo = (url: string) => ({
  ALERT_MAIL_TO: "ops@example.com",
  ALERT_MAIL_SEVERITY: "informational",
  ALERT_WEBHOOK_URL: url,
  ALERT_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  ALERT_WEBHOOK_SEVERITY: "informational",
  ALERT_SLACK_URL: url,
  ALERT_SLACK_SEVERITY: "informational",
  ALERTS_PER_HOUR: "1000",
});

/** Where a secret belongs, and which one. Passwords belong nowhere: only their hashes are kept. */
const homes: { readonly [sink: string]: RegExp } = {
  "user.email": /, e-mail$/,
  "mail_outbox.recipient": /, e-mail$/,
  // Who is made an admin has no other name.
  "user.name": /\/admins, .*e-mail$/,
  "session.token": /^session token$/,
  // For five minutes: whom the passkey that is being made is for, in the words that its owner will read.
  "verification.value": /^GET .*generate-register-options, signed in, e-mail$/,
  // While the mail waits.
  "mail_outbox.html": /^link in a mail$/,
  "mail_outbox.text": /^link in a mail$/,
};

function temporaryDirectory(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A secret may be in the one report that a limit would leave out. */
const unlimited = { burst: 1_000_000, refillMs: 1 };
const everyReport: Pick<ErrorReportsOptions, "limits" | "sendTimeoutMs"> = {
  limits: {
    ...{ errors: unlimited, detections: unlimited, allDetections: unlimited, traces: unlimited },
    pending: 1_000_000,
  },
  sendTimeoutMs: 100_000,
};

async function startOn(databaseUrl: string, env: Readonly<Record<string, string>> = {}) {
  const eventFile = join(temporaryDirectory("flux-events-"), "events.jsonl");
  const receiver = await startReceiver();
  const sentry = await startSentryReceiver();
  const services = await startTestApp({
    ...{ databaseUrl, logLevel: "trace", reporting: everyReport },
    env: {
      ...{ SENTRY_DSN: sentry.dsn, SENTRY_TRACES_SAMPLE_RATE: "1" },
      ...{ ...alertsTo(receiver.url), ...env, EVENT_LOG_FILE: eventFile },
    },
  });
  onTestFinished(() => sentry.close());
  const { lines } = services;
  // What a library writes past the log.
  for (const method of ["debug", "log", "info", "warn", "error"] as const) {
    const spy = vi.spyOn(console, method).mockImplementation((...words) => void lines.push(words.join(" ")));
    onTestFinished(() => spy.mockRestore());
  }
  const canaries = createCanaries();
  const addresses: string[] = [];

  /** From an address of its own unless told: the block of one would hide what the rest does. */
  async function ask(path: string, init: RequestInit, ip?: string): Promise<Response> {
    const { length } = addresses;
    const address = ip ?? `198.18.${length >> 8}.${length & 255}`;
    addresses.push(address);
    const response = await services.ask(path, init, address);
    for (const cookie of response.headers.getSetCookie()) {
      const [, token] = /^flux\.session_token=([^.;]+)/.exec(cookie) ?? [];
      if (token) canaries.learn("session token", token);
      const [, deviceSecret] = /^flux\.device\.[^=]+=[\w-]+\.([\w-]+)\./.exec(cookie) ?? [];
      if (deviceSecret) canaries.learn("device secret", deviceSecret);
      const [, refreshToken] = /^flux\.refresh_token=([^.;]+)/.exec(cookie) ?? [];
      if (refreshToken) canaries.learn("refresh token", refreshToken);
    }
    for (const [, name = "", token = ""] of (await response.clone().text()).matchAll(tokensInAnswers)) {
      canaries.learn(name, token);
    }
    return response;
  }
  const post = (path: string, body: object, ip?: string) =>
    ask(path, { method: "POST", headers: tool, body: JSON.stringify(body) }, ip);
  const admin = async (method: string, path: string, body?: object) => {
    const init = { method, headers: { ...tool, ...asOperator() }, body: body && JSON.stringify(body) };
    const response = await ask(adminBase + path, init, "127.0.0.1");
    expect(response.status, path).toBeLessThan(300);
    return response.text();
  };

  /** Where secrets turned up, as `sink: place`. */
  async function search(): Promise<string[]> {
    await services.guard.flush();
    // What waits for its company is due at once.
    await services.database.kysely
      .updateTable("alert_delivery")
      .set({ next_attempt_at: 0 })
      .where("status", "=", "queued")
      .execute();
    await services.alerts.sendDue();
    const sent = await services.mails();
    const waiting = await services.database.kysely.selectFrom("mail_outbox").select("text").execute();
    for (const { text } of [...sent, ...waiting]) {
      const [, token] = /[?&]token=([\w.~-]+)/.exec(text ?? "") ?? [];
      if (token) canaries.learn("link in a mail", token);
    }
    const hits = new Set<string>();
    // It takes them more slowly than they are made here.
    for (let received = -1; received !== sentry.requests(); await services.reports.flush()) {
      received = sentry.requests();
    }
    expect(sentry.faults).toEqual([]);
    expect(lines.join("")).not.toContain("Sentry takes no reports");
    const { envelopes } = sentry;
    const sinks = await everySink({ ...services, lines, eventFile, envelopes, admin, addresses });
    sinks.push(...receiver.requests.map(({ source }) => ({ name: "webhook", text: source })));
    for (const { to, subject, text, html } of sent) {
      if (to.includes("ops@example.com"))
        sinks.push({ name: "alert mail", text: `${subject}\n${text}\n${html}` });
    }
    for (const { name, text } of sinks) {
      for (const place of canaries.found(text)) hits.add(`${name}: ${place}`);
    }
    return [...hits];
  }
  return { ...services, sentry, lines, canaries, ask, post, admin, search };
}
type Flux = Awaited<ReturnType<typeof startOn>>;

const isAtHome = (hit: string): boolean => {
  const [sink = "", place = ""] = hit.split(/: (.*)/);
  return homes[sink]?.test(place) ?? false;
};
const leaks = async (flux: Flux) => (await flux.search()).filter((hit) => !isAtHome(hit));

async function askEveryDoor({ app, auth, canaries, ask }: Flux): Promise<void> {
  for (const endpoint of everyEndpoint(app, auth)) {
    for (const { path, init } of requestsAt(canaries, endpoint)) {
      await ask(path, init);
      if (path.startsWith(adminBase))
        await ask(path, { ...init, headers: { ...init.headers, ...asOperator() } });
    }
  }
}

async function signUp({ canaries, post }: Flux, label: string) {
  const password = canaries.plant(`${label}, password`);
  const email = canaries.plantEmail(label);
  const response = await post(`${basePath}/signup`, { name: "Ada", email, password, tokens: true });
  expect(response.status).toBe(200);
  const { accessToken, refreshToken } = JSON.parse(await response.text());
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return { email, password, cookie, accessToken, refreshToken };
}

/** At each door somebody who is signed in and knows his password; unless told, somebody else each time. */
async function askSignedIn(flux: Flux, account?: Awaited<ReturnType<typeof signUp>>): Promise<void> {
  const { app, auth, canaries, ask } = flux;
  for (const endpoint of everyEndpoint(app, auth).filter(({ path }) => path.startsWith(basePath))) {
    for (const method of endpoint.methods) {
      const label = `${method} ${endpoint.path}, signed in`;
      const { email, password, cookie, accessToken, refreshToken } = account ?? (await signUp(flux, label));
      const own = { email, password, currentPassword: password, refreshToken, tokens: true };
      const body = { ...secretsAt(canaries, endpoint, label), ...own };
      const headers = { ...tool, cookie, authorization: `Bearer ${accessToken}` };
      await ask(
        endpoint.path,
        method === "GET" ? { method, headers } : { method, headers, body: JSON.stringify(body) },
      );
    }
  }
}

/** A refresh token that is exchanged, and then shown by a thief. */
async function askWithStolen(flux: Flux): Promise<void> {
  const { refreshToken } = await signUp(flux, "stolen");
  const refresh = async (token: string) =>
    JSON.parse(await (await flux.post(`${basePath}/refresh`, { refreshToken: token })).text());
  await refresh((await refresh(refreshToken)).refreshToken);
  expect((await refresh(refreshToken)).code).toBe("REFRESH_TOKEN_REUSED");
}

/** Refusals of somebody blocked are summed up, the last one with its particulars. */
async function askBlocked({ app, auth, canaries, ask, post }: Flux): Promise<void> {
  const ip = "203.0.113.66";
  const guess = () => ({ email: canaries.plantEmail("guess"), password: canaries.plant("guessed password") });
  for (let i = 0; i < 5; i++) expect((await post(`${basePath}/login`, guess(), ip)).status).toBe(401);
  expect((await post(`${basePath}/login`, guess(), ip)).status).toBe(403);
  for (const endpoint of everyEndpoint(app, auth)) {
    for (const { path, init } of requestsAt(canaries, endpoint)) await ask(path, init, ip);
  }
}

async function askAsOperator({ canaries, admin, post }: Flux): Promise<void> {
  const email = canaries.plantEmail("POST /admins");
  const password = canaries.plant("POST /admins, password");
  await admin("POST", "/admins", { email, password });
  canaries.learn("operator token", JSON.parse(await admin("POST", "/tokens", { name: "ci" })).token);
  await admin("POST", "/decisions", { action: "lock", scope: "account", value: email });
  const both = `${canaries.plantEmail("POST /decisions")} 192.0.2.1`;
  await admin("POST", "/decisions", { action: "block", scope: "account+ip", value: both });
  expect(await admin("GET", `/explain?scope=account&value=${email}`)).toContain('"lock"');
  expect((await post(`${basePath}/login`, { email, password })).status).toBe(401);
}

describeDatabases("secrets", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("that go in at any door come out in no log line, table, event or answer to an operator", async () => {
    const flux = await startOn(await databases.url());
    await askEveryDoor(flux);
    await askSignedIn(flux);
    await askWithStolen(flux);
    await askBlocked(flux);
    await askAsOperator(flux);
    expect(await leaks(flux)).toEqual([]);
  });

  it("of second factors and of providers come out nowhere either", async () => {
    const path = join(temporaryDirectory("flux-providers-"), "providers.json");
    const acme = { id: "acme", name: "Acme", issuer: "http://127.0.0.1:1", ...testOidcClient };
    writeFileSync(path, JSON.stringify([acme]));
    const flux = await startOn(await databases.url(), { OIDC_PROVIDERS: path });
    const { canaries } = flux;
    canaries.learn("client secret", testOidcClient.clientSecret);
    const { email, password } = await signUp(flux, "second factor");
    const browser = createTestClient(flux, "192.0.2.1");
    const signIn = () => browser.post("/sign-in/email", { email, password });
    expect((await signIn()).status).toBe(200);
    const { totpURI = "", backupCodes = [] } = (await browser.post("/two-factor/enable", { password })).body;
    const authenticator = createAuthenticator(totpURI);
    canaries.learn("TOTP secret", authenticator.secret);
    canaries.learn("TOTP secret in base32", new URL(totpURI).searchParams.get("secret") ?? totpURI);
    for (const code of backupCodes) canaries.learn("backup code", code);
    expect(backupCodes.length).toBeGreaterThan(0);
    const verify = (way: string, code: string) => browser.post(`/two-factor/verify-${way}`, { code });
    expect((await verify("totp", await authenticator.code())).status).toBe(200);
    for (const code of [canaries.plant("wrong code"), backupCodes[0] ?? ""]) {
      await browser.post("/sign-out");
      expect((await signIn()).body).toMatchObject({ twoFactorRedirect: true });
      await verify("totp", code);
      await verify("backup-code", code);
    }
    expect((await browser.get("/me")).status).toBe(200);
    await browser.post("/sign-in/social", { provider: "acme" });
    await browser.get(`/callback/acme?code=${canaries.plant("code")}&state=${canaries.plant("state")}`);
    expect(await leaks(flux)).toEqual([]);
  });

  it("come out of no error either, when every statement fails", async () => {
    const flux = await startOn(await databases.url());
    const { kysely } = flux.database;
    const tables = await kysely.introspection.getTables();
    const rename = async (from: string, to: string) => {
      for (const { name } of tables) {
        await sql`alter table ${sql.table(from + name)} rename to ${sql.table(to + name)}`.execute(kysely);
      }
    };
    const account = await signUp(flux, "sign-up");
    // A mail that cannot leave keeps its text.
    await flux.mailer.sendDue();
    await rename("", "away_");
    await askEveryDoor(flux);
    await askSignedIn(flux, account);
    await rename("away_", "");
    expect(flux.lines.join("")).toContain("A request failed");
    expect(await leaks(flux)).toEqual([]);
    const failed = flux.lines.filter((line) => line.includes('"A request failed"'));
    const reported = flux.sentry.events().filter(({ tags }) => tags?.where === "request");
    expect(reported).toHaveLength(failed.length);
    expect(flux.sentry.transactions().length).toBeGreaterThan(100);
  });

  it("are found where they are: addresses, sessions and links in their tables, a user agent in every sink", async () => {
    // Nothing listens there.
    const mailsWait = { SMTP_URL: "smtp://127.0.0.1:1", EMAIL_VERIFICATION: "optional" };
    const flux = await startOn(await databases.url(), mailsWait);
    const { ask, canaries, post, search } = flux;
    await askAsOperator(flux);
    const agent = `curl/${canaries.plant("user agent")}`;
    await post(`${basePath}/signup`, {
      name: "Ada",
      email: canaries.plantEmail("sign-up"),
      password: "correct horse",
    });
    await ask(`${basePath}/login`, {
      method: "POST",
      headers: { ...program, "user-agent": agent },
      body: "{}",
    });
    const path = `${basePath}/passkey/generate-register-options`;
    const { cookie } = await signUp(flux, `GET ${path}, signed in`);
    expect((await ask(path, { headers: { ...tool, cookie } })).status).toBe(200);
    const hits = await search();
    const sinks = [
      "log",
      "security_event.data",
      "event file",
      "GET /events",
      "webhook",
      "Sentry",
      "alert_incident.state",
    ];
    for (const sink of sinks) expect(hits).toContain(`${sink}: user agent`);
    const used = hits.filter(isAtHome).map((hit) => hit.split(": ")[0]);
    expect(new Set(used)).toEqual(new Set(Object.keys(homes)));
  });
});

it("a canary is known in part and in base64", () => {
  const canaries = createCanaries();
  const planted = canaries.plant("here");
  expect(canaries.found(`"…${planted.slice(5, 25)}…" is no JSON`)).toEqual(["here"]);
  for (const before of ["", "a", "ab"]) expect(canaries.found(btoa(before + planted))).not.toEqual([]);
  expect(canaries.found("nothing")).toEqual([]);
});
