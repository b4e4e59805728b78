// While no more passwords can wait, strangers are told so before the application is asked; owners on their devices get in.

import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { strangerAt } from "../password-queue.ts";
import { program } from "../test-app.ts";
import { everywhere, type Headed, hashAt, login, password, startFront, unanswered } from "./test-front.ts";
import type { Visit, WaitingRoom } from "./waiting-room.ts";

const ownFields = new Set(["x-request-id", "date", "connection", "keep-alive", "content-length"]);

const fields = (answer: Response) => [...answer.headers].filter(([name]) => !ownFields.has(name)).sort();
const wrong = { email: "ada@example.com", password: "wrong password" };

it("the answer of the front is that of the application, which is not asked", async () => {
  const { post, app, handedOn, crowd, monitoring, lines, passwords } = await startFront();
  crowd(everywhere);
  const fromFront = await post(login, wrong, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
  expect(handedOn).toEqual([]);
  const asked = {
    method: "POST",
    headers: { ...program, traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
  };
  // In one turn of the event loop: whoever is in the application finds no place, either.
  for (const ip of everywhere) void hashAt(ip, passwords);
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
  expect(handedOn).toHaveLength(2);
  // Ten tries in a minute: then it is one of the crowd.
  for (let i = 0; i < 7; i++) await statusOf({ email: "nobody@example.com", password }, { cookie });
  handedOn.length = 0;
  expect(await statusOf(ada, { cookie })).toBe(503);
  expect(handedOn).toEqual([]);
});

it("one IPv6 /48 fills its share only: everybody else finds a place", async () => {
  const { post, crowd, room } = await startFront();
  crowd(Array.from({ length: 200 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`));
  expect(room.status()).toMatchObject({ waiting: 64 });
  const statusFrom = async (ip: string) => (await post(login, wrong, { ip })).status;
  expect(await Promise.all(["2001:db8:1:ffff::1", "2001:db8:2::1", "192.0.2.1"].map(statusFrom))).toEqual([
    ...[429, 401, 401],
  ]);
});

it("one address with all the places that one may have is told to slow down; nothing is wrong with the server", async () => {
  const { post, crowd } = await startFront();
  crowd(["192.0.2.66"]);
  const refused = await post(login, wrong, { ip: "192.0.2.66" });
  expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toEqual([
    429,
    "3",
    { code: "THROTTLED", retryAfter: 3 },
  ]);
  expect((await post(login, wrong)).status).toBe(401);
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
  expect(handedOn).toHaveLength(2);
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

it("who sends a body slowly, or goes away while he waits, keeps no place from others", async () => {
  const { origin, post, room, handedOn } = await startFront();
  const send = (ip: string, body: string) => {
    const headers = { ...program, "x-forwarded-for": ip, "content-length": 60 };
    const sent = httpRequest(`${origin}${login}`, { method: "POST", headers }).on("error", () => {});
    sent.write(body);
    return sent;
  };
  const slow = everywhere.slice(0, 250).map((ip) => send(ip, "{"));
  expect((await post(login, wrong)).status).toBe(401);
  expect(room.status()).toMatchObject({ waiting: 0, refused: 0 });
  for (const one of slow) one.destroy();
  const callNext = occupy(room);
  handedOn.length = 0;
  const gone = send("192.0.2.9", JSON.stringify(wrong).padEnd(60));
  await expect.poll(() => room.status().waiting).toBe(2);
  const other = post(login, wrong);
  await expect.poll(() => room.status().waiting).toBe(3);
  const closed = new Promise((done) => gone.once("close", done));
  gone.destroy();
  await closed;
  // Seen by the server, too, once it has answered somebody else.
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  callNext();
  expect((await other).status).toBe(401);
  expect(handedOn).toEqual([login]);
});

it("no header leads around the queue, and a page of ours waits in it", async () => {
  const PUBLIC_URL = "https://auth.example.com";
  const { post, handedOn, crowd } = await startFront({ PUBLIC_URL });
  crowd(everywhere);
  for (const header of [{ "sec-purpose": "prefetch" }, { "sec-fetch-site": "same-site" }]) {
    expect((await post(login, wrong, { ...header, origin: PUBLIC_URL })).status).toBe(503);
  }
  expect(handedOn).toEqual([]);
});

it("who is blocked and shows a device of his own is asked whose it is ten times a minute; its owner gets in", async () => {
  const { post, handedOn, guard } = await startFront();
  const ip = "192.0.2.66";
  const ada = { name: "Ada", email: "ada@example.com", password };
  const cookies = (await post("/api/auth/signup", ada, { ip })).headers.getSetCookie();
  const cookie = cookies.map((line) => line.split(";")[0]).join("; ");
  await guard.decide({ action: "block", scope: "ip", value: ip, origin: "rule", until: null }, Date.now());
  const statusOf = async (path: string, email: string) =>
    (await post(path, { email, password }, { ip, cookie })).status;
  handedOn.length = 0;
  expect(await statusOf("/api/auth/request-password-reset", ada.email)).toBe(403);
  expect(handedOn).toEqual([]);
  for (let i = 0; i < 9; i++) expect(await statusOf(login, "nobody@example.com")).toBe(403);
  expect(await statusOf(login, ada.email)).toBe(200);
  for (let i = 0; i < 3; i++) expect(await statusOf(login, "nobody@example.com")).toBe(403);
  expect(handedOn).toHaveLength(11);
});

it("who reads no answer keeps no place from others", async () => {
  const { origin, post, room } = await startFront();
  const { host, hostname, port } = new URL(origin);
  const body = "{}";
  const headers = { ...program, host, "content-length": body.length };
  const fieldLines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(Number(port), hostname).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  // Answers go out in the order of their requests: behind one that does not end, the others are never written.
  const first = `GET ${unanswered} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
  const callNext = occupy(room);
  socket.write(first + `POST ${login} HTTP/1.1\r\n${fieldLines.join("")}\r\n${body}`.repeat(15));
  await expect.poll(() => room.status().waiting).toBe(16);
  callNext();
  expect((await post(login, wrong)).status).toBe(401);
  await expect.poll(() => room.status()).toMatchObject({ running: 0, waiting: 0 });
});

it("a body that is too long is refused as in the application, however it says how long it is", async () => {
  const { origin, app } = await startFront();
  const body = JSON.stringify({ ...wrong, more: "x".repeat(100_000) });
  const same = await app.request(
    login,
    { method: "POST", headers: program, body },
    {
      incoming: { socket: { remoteAddress: "192.0.2.1" } },
    },
  );
  const chunked = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(body));
      controller.close();
    },
  });
  for (const sent of [body, chunked]) {
    const answer = await fetch(`${origin}${login}`, {
      method: "POST",
      headers: program,
      body: sent,
      duplex: "half",
    } as RequestInit);
    expect([answer.status, fields(answer), await answer.text()]).toEqual([
      413,
      fields(same),
      expect.stringContaining("TOO_LARGE"),
    ]);
  }
});

it("what its answer took is counted from the arrival of a request", async () => {
  const { post, room, monitoring } = await startFront();
  const callNext = occupy(room);
  const answer = post(login, wrong);
  await expect.poll(() => room.status().waiting).toBe(2);
  const waitingSince = performance.now();
  await expect.poll(() => performance.now() - waitingSince).toBeGreaterThan(200);
  callNext();
  expect((await answer).status).toBe(401);
  const sum = /duration_seconds_sum\{method="POST",route="\/api\/auth\/login",status="4xx"\} (\S+)/;
  expect(Number(sum.exec(await monitoring.metrics.text())?.[1])).toBeGreaterThan(0.2);
});

/** Whoever comes has to wait behind one other, until what this returns is called. */
function occupy(room: WaitingRoom): () => void {
  const inside: (() => void)[] = [];
  let isOver = false;
  const goOn = ({ leave }: Visit) => {
    if (isOver) leave();
    else inside.push(leave);
  };
  while (room.status().waiting === 0) room.enter(strangerAt("192.0.2.1"), { goOn, turnAway: () => {} });
  return () => {
    isOver = true;
    for (const leave of inside) leave();
  };
}
