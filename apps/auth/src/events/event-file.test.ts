// The event file of a running flux-auth: the events of the table, in the format that was asked for; and no sign-in depends on it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventFormat } from "@fluxstudio/admin-api";
import { expect, it, onTestFinished } from "vitest";
import { basePath } from "../auth.ts";
import { startTestApp } from "../test-app.ts";
import { formatEvent } from "./event-format.ts";

/** An agent that is no browser's, five failures, and the refusals after the block, summed up. */
const eventCount = 7;
const wrong = { email: "ada@example.com", password: "wrong" };

function newPath(): string {
  const directory = mkdtempSync(join(tmpdir(), "flux-event-file-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "events.jsonl");
}

async function signIn({ post, guard }: Awaited<ReturnType<typeof startTestApp>>) {
  for (let i = 0; i < 7; i++)
    expect((await post(`${basePath}/login`, wrong, "192.0.2.1")).status).toBe(i < 5 ? 401 : 403);
  await guard.flush();
}

it.each<[object, EventFormat]>([
  [{}, "ecs"],
  [{ EVENT_LOG_FORMAT: "ocsf" }, "ocsf"],
])("with %j holds the events of the table as %s", async (env, format) => {
  const path = newPath();
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { ...env, EVENT_LOG_FILE: path } });
  await signIn(flux);
  const stored = (await flux.events.list({ limit: 100 })).map(({ event }) =>
    JSON.stringify(formatEvent(event, format)),
  );
  expect(stored).toHaveLength(eventCount);
  expect(readFileSync(path, "utf8").trimEnd().split("\n").sort()).toEqual(stored.sort());
  expect(flux.lines.filter((line) => line.includes("EVENT_LOG_FILE"))).toHaveLength(1);
});

it("that cannot be written is told once, and everything else goes on", async () => {
  const path = newPath();
  mkdirSync(path);
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { EVENT_LOG_FILE: path } });
  await signIn(flux);
  await flux.events.flush();
  expect(await flux.events.list({ limit: 100 })).toHaveLength(eventCount);
  const told = flux.lines.filter((line) => line.includes("EVENT_LOG_FILE cannot be written"));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("is no regular file");
  const ready = async () => JSON.parse(await (await flux.ask("/readyz", {}, "127.0.0.1")).text());
  expect(await ready()).toMatchObject({
    status: "degraded",
    degraded: { "event-file": { reason: "UNWRITABLE" } },
  });
  rmSync(path, { recursive: true });
  await expect.poll(() => flux.lines.some((line) => line.includes("is written again"))).toBe(true);
  expect((await ready()).status).toBe("ok");
});

it("that cannot be written is known before the first event, and so is that it is mended", async () => {
  const path = newPath();
  mkdirSync(path);
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { EVENT_LOG_FILE: path } });
  const ready = async () => JSON.parse(await (await flux.ask("/readyz", {}, "127.0.0.1")).text());
  await expect.poll(async () => (await ready()).degraded).toMatchObject({ "event-file": {} });
  expect(await flux.monitoring.metrics.text()).toContain(
    'flux_degraded{component="event-file",reason="UNWRITABLE"} 1',
  );
  rmSync(path, { recursive: true });
  await expect.poll(async () => (await ready()).status).toBe("ok");
});

it("that cannot be written until the end is told of once more, with what is lost", async () => {
  const path = newPath();
  mkdirSync(path);
  const flux = await startTestApp({ databaseUrl: ":memory:", env: { EVENT_LOG_FILE: path } });
  await signIn(flux);
  await flux.guard.close();
  const told = flux.lines.filter((line) => line.includes("EVENT_LOG_FILE at the end"));
  expect(told).toEqual([expect.stringContaining(`"lost":${eventCount}`)]);
});

it("that is not set is said to be off, once", async () => {
  const flux = await startTestApp({ databaseUrl: ":memory:" });
  const told = flux.lines.filter((line) => line.includes("EVENT_LOG_FILE"));
  expect(told).toEqual([expect.stringContaining("No event file: EVENT_LOG_FILE is not set")]);
});
