// What a flux-auth with a DSN reports: a real process, and a receiver on loopback that is well or unwell.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Behaviour, startSentryReceiver } from "@fluxstudio/telemetry/testing";
import { expect, it, onTestFinished } from "vitest";
import { basePath } from "../auth.ts";
import { startTestApp } from "../test-app.ts";
import { startProcess } from "../test-process.ts";

const password = "correct horse battery";
const ada = { name: "Ada", email: "ada@example.com", password };

async function start(env: Readonly<Record<string, string>> = {}, behaviour: Behaviour = "good") {
  const receiver = await startSentryReceiver(behaviour);
  onTestFinished(() => receiver.close());
  const directory = mkdtempSync(join(tmpdir(), "flux-sentry-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "flux.db");
  const flux = startProcess({ SENTRY_DSN: receiver.dsn, DATABASE_URL: `sqlite:${file}`, ...env });
  await flux.ready;
  const post = (path: string, body: object) => flux.post(`${basePath}${path}`, body);
  return { receiver, flux, post, file };
}

it("tells an attack, an error and each trace, all of it before it ends", async () => {
  const { receiver, flux, post, file } = await start({
    ...{ SENTRY_TRACES_SAMPLE_RATE: "1", SENTRY_ENVIRONMENT: "staging", SENTRY_RELEASE: "flux@7" },
  });
  expect(flux.log()).toContain('"Sentry initialized"');
  await post("/signup", ada);
  for (let i = 0; i < 6; i++) await post("/login", { ...ada, password: "a wrong one" });
  const database = new DatabaseSync(file);
  database.exec('alter table "verification" rename to "away"');
  database.close();
  const link = `${basePath}/reset-password/S3cret0123456789abcdef?callbackURL=/`;
  const failed = await flux.ask(link, {}, "192.0.2.9");
  expect(failed.status).toBe(500);
  expect(await flux.end()).toBe(0);

  expect(receiver.faults).toEqual([]);
  const issues = receiver.issues();
  expect([...issues.keys()]).toContain("detection brute-force ip");
  const errors = receiver.events().filter(({ tags }) => tags?.kind === "error");
  expect(errors).toMatchObject([
    {
      transaction: `GET ${basePath}/reset-password/*`,
      ...{ environment: "staging", release: "flux@7" },
    },
  ]);
  const traces = receiver.transactions().map(({ transaction }) => transaction);
  // The sixth was refused before anything was done that a trace would tell of.
  expect(traces.filter((name) => name === `POST ${basePath}/login`)).toHaveLength(5);
  const [signUp] = receiver.transactions();
  expect(signUp?.transaction).toBe(`POST ${basePath}/signup`);
  const steps = signUp?.spans?.map(({ op, description }) => `${op}: ${description}`);
  expect(steps).toContain("crypto.hash: password hash");
  expect(steps).toContainEqual(expect.stringMatching(/^db\.query: insert into "user"/));
  const everything = receiver.envelopes.map(({ text }) => text).join("\n");
  for (const hidden of [ada.email, password, "a wrong one", "S3cret", "server_name"]) {
    expect(everything).not.toContain(hidden);
  }
});

it("serves and ends as ever while the receiver hangs", async () => {
  const { flux, post } = await start({ SENTRY_TRACES_SAMPLE_RATE: "1" }, "silent");
  for (let i = 0; i < 6; i++) await post("/login", { ...ada, password: "a wrong one" });
  expect((await flux.ask("/readyz")).status).toBe(200);
  expect((await post("/login", ada)).status).toBe(403);
  const startedAt = performance.now();
  expect(await flux.end()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

it("is served without reports when the receiver takes none, which /readyz and the metrics say until it does", async () => {
  const receiver = await startSentryReceiver("broken");
  onTestFinished(() => receiver.close());
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { SENTRY_DSN: receiver.dsn } });
  const ready = async () => JSON.parse(await (await flux.ask("/readyz", {}, "127.0.0.1")).text());
  expect(await ready()).toMatchObject({ status: "ok" });
  flux.reports.error(new Error("one"));
  await expect.poll(ready).toMatchObject({ status: "degraded", degraded: { sentry: { reason: "REFUSED" } } });
  expect(await flux.monitoring.metrics.text()).toContain(
    'flux_degraded{component="sentry",reason="REFUSED"} 1',
  );
  receiver.behave("good");
  await flux.reports.test?.();
  expect(await ready()).toMatchObject({ status: "ok" });
});
