// What an operator is told of a test event, by what the receiver does with it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createLogger } from "../logger.ts";
import { type Behaviour, startSentryReceiver } from "../testing/sentry-receiver.ts";
import { createErrorReports, type ErrorReportsOptions } from "./error-reports.ts";

const publicKey = "c0ffee0123456789c0ffee0123456789";

async function start(dsn: string, options: Partial<ErrorReportsOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", stream: { write: (line) => void lines.push(line) } });
  const reports = await createErrorReports({
    ...{ dsn, release: "flux-auth@1.2.3", environment: "staging", tracesSampleRate: 0, logger },
    ...{ sendTimeoutMs: 300, closeTimeoutMs: 100 },
    ...options,
  });
  onTestFinished(() => reports.close());
  const test = reports.test ?? expect.unreachable("There is a DSN.");
  return { reports, test, said: () => lines.map((line) => JSON.parse(line).msg) };
}

it("an event arrives with the id that is told, under the server's environment and release", async () => {
  const receiver = await startSentryReceiver();
  onTestFinished(() => receiver.close());
  const { test } = await start(receiver.dsn);
  const result = await test();
  const host = new URL(receiver.dsn).host;
  expect(result).toMatchObject({ ok: true, to: `${host}, project 42`, answer: "200, taken" });
  expect(receiver.faults).toEqual([]);
  expect(receiver.events()).toMatchObject([
    {
      ...{ event_id: result.eventId, level: "info", environment: "staging", release: "flux-auth@1.2.3" },
      ...{ tags: { kind: "test" }, fingerprint: ["test"] },
    },
  ]);
  expect(JSON.stringify(result)).not.toContain(publicKey);
});

it.each<[Behaviour | "down", string | RegExp]>([
  ["down", /^connect ECONNREFUSED/],
  ["silent", "no answer within 300 ms"],
  ["garbage", /^Parse Error/],
  ["endless", "no whole answer within 300 ms"],
  ["broken", "500"],
  ["limited", "429: it takes nothing for 60 s, as a limit or the quota is used up (rate limited)"],
])("one that is %s is told of as what it is", async (behaviour, answer) => {
  const receiver = await startSentryReceiver(behaviour === "down" ? "good" : behaviour);
  if (behaviour === "down") await receiver.close();
  else onTestFinished(() => receiver.close());
  const { test } = await start(receiver.dsn);
  const told = typeof answer === "string" ? answer : expect.stringMatching(answer);
  expect(await test()).toMatchObject({ ok: false, answer: told });
});

it.each<[number, string, Record<string, string>, boolean, string]>([
  [
    200,
    "<html>welcome</html>",
    {},
    true,
    "200, without the id of the event, as receivers answer that are no Sentry",
  ],
  [200, "null", {}, true, "200, without the id of the event, as receivers answer that are no Sentry"],
  [
    403,
    `{"detail":"no project for ${publicKey}"}`,
    {},
    false,
    "403: the key of the DSN is not right, or switched off (no project for KEY)",
  ],
  [
    401,
    "",
    { "x-sentry-error": "missing authorization" },
    false,
    "401: the key of the DSN is not right (missing authorization)",
  ],
  [404, "not here", {}, false, "404: there is no such project, or no Sentry at this address"],
  [302, "", { location: "https://elsewhere.example" }, false, "302"],
  [400, `{"detail":"${"x".repeat(900)}"}`, {}, false, `400 (${"x".repeat(200)})`],
  [400, `{"detail":"${"x".repeat(5_000)}"}`, {}, false, "400"],
])(
  "the answer %i %j is told in words, without the key and bounded",
  async (status, body, headers, ok, answer) => {
    const server = createServer((request, response) => {
      request.resume().once("end", () => response.writeHead(status, headers).end(body));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { test } = await start(`http://${publicKey}@127.0.0.1:${port}/42`);
    expect(await test()).toMatchObject({ ok, answer });
  },
);

it("while reports are left alone for a while, a test that gets through lets them go on", async () => {
  const receiver = await startSentryReceiver("broken");
  onTestFinished(() => receiver.close());
  const { reports, test, said } = await start(receiver.dsn, { now: () => 0 });
  reports.error(new Error("first"));
  await expect.poll(said).toContain("Sentry takes no reports; it is tried again later");
  receiver.behave("good");
  reports.error(new Error("second"));
  expect(await test()).toMatchObject({ ok: true });
  expect(said()).toContain("Sentry takes reports again");
  reports.error(new Error("third"));
  await expect.poll(() => receiver.events().map(({ tags }) => tags?.kind)).toEqual(["test", "error"]);
});
