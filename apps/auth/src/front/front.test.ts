// While no more passwords can wait, strangers are told so before the application is asked; owners on their devices get in.

import { request as httpRequest } from "node:http";
import { expect, it } from "vitest";
import { program } from "../test-app.ts";
import { everywhere, type Headed, login, password, startFront } from "./test-front.ts";

const ownFields = new Set(["x-request-id", "date", "connection", "keep-alive", "content-length"]);

const fields = (answer: Response) => [...answer.headers].filter(([name]) => !ownFields.has(name)).sort();
const wrong = { email: "ada@example.com", password: "wrong password" };

it("the answer of the front is that of the application, which is not asked", async () => {
  const { post, app, handedOn, crowd, monitoring, lines } = await startFront();
  crowd(everywhere);
  const fromFront = await post(login, wrong, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
  expect(handedOn).toEqual([]);
  const asked = {
    method: "POST",
    headers: { ...program, traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
  };
  const fromApplication = await app.request(login, asked, {
    incoming: { socket: { remoteAddress: "192.0.2.1" } },
  });
  expect([fromFront.status, await fromFront.text()]).toEqual([503, await fromApplication.text()]);
  expect(fromApplication.status).toBe(503);
  const traced = (answer: Response) => fields(answer).filter(([name]) => name !== "traceparent");
  expect(traced(fromFront)).toEqual(traced(fromApplication));
  expect(fromFront.headers.get("retry-after")).toBe("3");
  const id = fromFront.headers.get("x-request-id");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(fromFront.headers.get("traceparent")).toBe(`00-${"a".repeat(32)}-${id}-01`);

  expect(lines.filter((line) => line.includes('"request"'))).toEqual([]);
  monitoring.requests.flush();
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ refused: { delay: 2 } });
  const text = await monitoring.metrics.text();
  expect(text).toContain('flux_http_requests_refused_total{action="delay",reason="busy"} 2');
  expect(text).toContain(
    'flux_http_request_duration_seconds_count{method="POST",route="/api/auth/login",status="5xx"} 2',
  );
});

it("strangers fill every place, and an owner signs in on the device that the account knows", async () => {
  const { post, handedOn, crowd } = await startFront();
  const ada = { name: "Ada", email: "ada@example.com", password };
  const signedUp = await post("/api/auth/signup", ada);
  expect(signedUp.status).toBe(200);
  const cookie = signedUp.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .filter((pair) => pair?.startsWith("flux.device."))
    .join("; ");
  expect(cookie).not.toBe("");
  crowd(everywhere);
  handedOn.length = 0;
  const statusOf = async (body: object, more: Headed = {}) => (await post(login, body, more)).status;

  expect(await statusOf(ada)).toBe(503);
  expect(await statusOf(ada, { cookie: `${cookie.slice(0, -10)}AAAAAAAAAA` })).toBe(503);
  expect(handedOn).toEqual([]);
  expect(await statusOf(ada, { cookie })).toBe(200);
  expect(await statusOf(wrong, { cookie })).toBe(401);
  // The way to the queue is open for it, the places in it are not: of another account it is a stranger, whether that exists or not.
  await expect(statusOf({ email: "nobody@example.com", password }, { cookie })).resolves.toBe(503);
  expect(handedOn).toHaveLength(3);
  // Ten tries in a minute: then it is one of the crowd.
  for (let i = 0; i < 7; i++) await statusOf({ email: "nobody@example.com", password }, { cookie });
  handedOn.length = 0;
  expect(await statusOf(ada, { cookie })).toBe(503);
  expect(handedOn).toEqual([]);
});

it("one IPv6 /48 fills its share only: everybody else finds a place", async () => {
  const { post, crowd, passwords } = await startFront();
  crowd(Array.from({ length: 200 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`));
  expect(passwords.status()).toMatchObject({ waiting: 64 });
  const statusFrom = async (ip: string) => (await post(login, wrong, { ip })).status;
  expect(await Promise.all(["2001:db8:1:ffff::1", "2001:db8:2::1", "192.0.2.1"].map(statusFrom))).toEqual([
    ...[503, 401, 401],
  ]);
});

it("who floods a full queue is counted, blocked, and answered from the front after that, too", async () => {
  const { post, app, handedOn, crowd, guard, events } = await startFront();
  crowd(everywhere);
  const bot = "192.0.2.66";
  const statuses: number[] = [];
  for (let i = 0; i < 60; i++) statuses.push((await post(login, wrong, { ip: bot })).status);
  expect(statuses).toEqual([...Array(50).fill(503), ...Array(10).fill(403)]);
  const other = await post("/api/auth/request-password-reset", { email: "ada@example.com" }, { ip: bot });
  expect(handedOn).toEqual([]);
  const asked = { method: "POST", headers: program };
  const same = await app.request("/api/auth/request-password-reset", asked, {
    incoming: { socket: { remoteAddress: bot } },
  });
  expect([other.status, await other.text(), fields(other)]).toEqual([403, await same.text(), fields(same)]);
  await guard.flush();
  const written = (await events.list({ limit: 100 })).map(({ event }) => event);
  expect(written.flatMap(({ refusals }) => refusals?.count ?? [])).toEqual([12]);
});

it("probes, pages of other sites and odd paths get what the application says", async () => {
  const { origin, app, handedOn, post, guard, crowd } = await startFront();
  const health = await fetch(`${origin}/healthz?x`);
  const same = await app.request("/healthz");
  expect([health.status, await health.text(), fields(health)]).toEqual([
    200,
    await same.text(),
    fields(same),
  ]);
  expect(handedOn).toEqual([]);
  crowd(everywhere);
  expect((await post(login, wrong, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await post("/api/auth/%6Cogin", wrong)).status).toBe(503);
  expect((await fetch(`${origin}/healthz`, { method: "POST" })).status).toBe(404);
  expect(handedOn).toHaveLength(3);
  await guard.decide(
    { action: "block", scope: "ip", value: "192.0.2.9", origin: "admin", until: null },
    Date.now(),
  );
  expect((await post("/api/auth/logout", {}, { ip: "192.0.2.9" })).status).toBe(200);
});

it("a body that is refused is dropped, and what may be longer than a body ends its connection", async () => {
  const { origin, crowd } = await startFront();
  crowd(everywhere);
  const answerTo = (headers: Readonly<Record<string, string | number>>) =>
    new Promise<(string | number | undefined)[]>((done, fail) => {
      const sent = httpRequest(`${origin}${login}`, { method: "POST", headers });
      sent.once("error", fail).once("response", (answer) => {
        answer.resume();
        done([answer.statusCode, answer.headers.connection]);
        sent.destroy();
      });
      sent.write("{");
    });
  expect(await answerTo({ "content-length": 10 })).toEqual([503, "keep-alive"]);
  expect(await answerTo({ "content-length": 10_000_000 })).toEqual([503, "close"]);
  expect(await answerTo({ "transfer-encoding": "chunked" })).toEqual([503, "close"]);
});
