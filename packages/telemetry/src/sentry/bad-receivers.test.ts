// A receiver that is away, slow, full or out of its mind costs a bounded number of connections, and nobody waits for it.

import { expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { type Behaviour, startSentryReceiver } from "../testing/sentry-receiver.ts";
import { createErrorReports } from "./error-reports.ts";

const closeTimeoutMs = 500;
/** A busy machine is late, and not as late as whoever waits for an answer. */
const closedWithinMs = 10_000;
/** A busy machine may need a while to answer itself. */
const sendTimeoutMs = 1_000;

/** A thousand traces as fast as they can be made, and then the end. */
async function flood(behaviour: Behaviour | "down", patienceMs = sendTimeoutMs) {
  const receiver = await startSentryReceiver(behaviour === "down" ? "good" : behaviour);
  if (behaviour === "down") await receiver.close();
  const lines: { msg: string; reason?: string }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  let time = 0;
  const reports = await createErrorReports({
    ...{ dsn: receiver.dsn, release: "flux-auth@1.2.3", tracesSampleRate: 1, closeTimeoutMs },
    ...{ logger: createLogger({ level: "info", stream }), sendTimeoutMs: patienceMs, now: () => time },
    limits: { traces: { burst: 1_000_000, refillMs: 1 } },
  });
  const middleware = reports.traces?.((path) => path);
  let mostConnections = 0;
  async function ask(times: number): Promise<void> {
    const context = { req: { method: "GET", path: "/me" }, res: { status: 200 } };
    for (let i = 0; i < times; i++) {
      await middleware?.(context, async () => {});
      if (i % 20 === 0) await new Promise(setImmediate);
      mostConnections = Math.max(mostConnections, receiver.connections());
    }
  }
  return {
    ...{ receiver, reports, ask, lines },
    mostConnections: () => mostConnections,
    passMs(ms: number) {
      time += ms;
    },
    async close() {
      const startedAt = performance.now();
      await reports.close();
      const tookMs = performance.now() - startedAt;
      if (behaviour !== "down") await receiver.close();
      return tookMs;
    },
  };
}

it.each<[Behaviour | "down", RegExp]>([
  ["down", /ECONNREFUSED/],
  ["silent", /no answer within 1000 ms/],
  ["garbage", /Parse Error/],
  ["endless", /no (?:whole )?answer within 1000 ms/],
  ["broken", /status 500/],
])("one that is %s is told of once, and then left alone for a while", async (behaviour, reason) => {
  const { receiver, ask, lines, mostConnections, close } = await flood(behaviour);
  await ask(300);
  await expect.poll(() => lines.length).toBe(2);
  const requests = receiver.requests();
  await ask(700);
  expect(receiver.requests()).toBe(requests);
  expect(requests).toBeLessThanOrEqual(32);
  expect(mostConnections()).toBeLessThanOrEqual(4);
  expect(lines[1]).toMatchObject({ level: "warn", msg: "Sentry takes no reports; it is tried again later" });
  expect(lines[1]?.reason).toMatch(reason);
  expect(await close()).toBeLessThan(closedWithinMs);
});

it("one that hangs while the process ends is waited for no longer than said", async () => {
  const { ask, close } = await flood("silent", 60_000);
  await ask(10);
  expect(await close()).toBeLessThan(closedWithinMs);
});

it("one that says 429 is asked no more until it allows to", async () => {
  const { receiver, ask, lines, close } = await flood("limited");
  await ask(1);
  await expect.poll(receiver.requests).toBe(1);
  await new Promise(setImmediate);
  await ask(500);
  expect(await close()).toBeLessThan(closedWithinMs);
  expect(receiver.requests()).toBeLessThanOrEqual(2);
  expect(lines.map(({ msg }) => msg)).toEqual(["Sentry initialized"]);
});

it("one that comes back gets reports again, which is told", async () => {
  const { receiver, ask, lines, passMs, close } = await flood("broken");
  await ask(1);
  await expect.poll(() => lines.length).toBe(2);
  receiver.behave("good");
  await ask(10);
  expect(receiver.envelopes).toEqual([]);
  passMs(2_000);
  await ask(10);
  await close();
  expect(receiver.transactions().length).toBeGreaterThan(0);
  expect(lines.at(-1)).toMatchObject({ msg: "Sentry takes reports again" });
});
