// An archive that cannot be written to is known from the start on, and so is that it is mended.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startTestApp } from "../test-app.ts";

async function start(isFile: boolean) {
  const directory = mkdtempSync(join(tmpdir(), "flux-test-archive-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const archive = join(directory, "events");
  if (isFile) writeFileSync(archive, "");
  const clock = { now: Date.UTC(2026, 0, 5, 9) };
  const env = { EVENT_ARCHIVE_DIR: archive };
  const flux = await startTestApp({ databaseUrl: ":memory:", env, now: () => clock.now });
  const ready = async () => JSON.parse(await (await flux.ask("/readyz", {}, "127.0.0.1")).text());
  const told = () => flux.lines.filter((line) => line.includes("EVENT_ARCHIVE_DIR"));
  return { ...flux, archive, clock, ready, told };
}

it("it is told once in the log, by /readyz and in the metrics, until it can be written to", async () => {
  const { archive, clock, ready, told, monitoring } = await start(true);
  expect(await ready()).toMatchObject({
    status: "degraded",
    degraded: { "event-archive": { reason: "UNWRITABLE", since: "2026-01-05T09:00:00.000Z" } },
  });
  expect(await monitoring.metrics.text()).toContain(
    'flux_degraded{component="event-archive",reason="UNWRITABLE"} 1',
  );
  expect(told()).toEqual([
    expect.stringContaining(`EVENT_ARCHIVE_DIR cannot be written to: ${archive} is no directory.`),
  ]);
  rmSync(archive);
  clock.now += 59_000;
  expect((await ready()).status).toBe("degraded");
  clock.now += 1_000;
  await expect.poll(async () => (await ready()).status).toBe("ok");
  expect(told()).toHaveLength(2);
  expect(told()[1]).toContain("can be written to again");
});

it("one that is only not there yet is all right", async () => {
  const { ready, told, monitoring } = await start(false);
  expect((await ready()).status).toBe("ok");
  expect(told()).toEqual([]);
  expect(await monitoring.metrics.text()).toContain(
    'flux_degraded{component="event-archive",reason="none"} 0',
  );
});
