// The live view over real sockets: who gets in, what ends it, and that nobody is waited for.

import { once } from "node:events";
import { request as httpRequest, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { performanceFrame } from "@fluxstudio/admin-api";
import { createActivity } from "@fluxstudio/telemetry";
import { createAdaptorServer } from "@hono/node-server";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { asOperator, program, startTestApp, type TestAppOptions } from "../test-app.ts";
import { createPerformanceFeed } from "./performance-feed.ts";
import { createPerformanceSockets, type PerformanceSocketsOptions } from "./performance-sockets.ts";

const admin = { email: "ada@example.com", password: "correct horse battery" };
const publicUrl = "http://localhost:3001";

async function start(options: Partial<PerformanceSocketsOptions> = {}, more: Partial<TestAppOptions> = {}) {
  const env = { TRUSTED_PROXIES: "127.0.0.1" };
  const services = await startTestApp({ databaseUrl: ":memory:", env, ...more });
  const { app, performance: feed, post } = services;
  const sockets = createPerformanceSockets({
    fetch: app.fetch,
    feed,
    logger: { info: () => {}, warn: () => {} } as never,
    ...options,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  sockets.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;

  /** Resolves when it is open, or with what it was answered. */
  async function open(headers: Record<string, string>, path = "/performance") {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    onTestFinished(() => socket.terminate());
    const closed = new Promise<number>((done) => socket.once("close", done));
    socket.on("error", () => {});
    const answered = await new Promise<{ status: number; code?: string }>((done) => {
      socket.once("open", () => done({ status: 101 }));
      socket.once("unexpected-response", async (_, response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        done({ status: response.statusCode ?? 0, code: text === "" ? undefined : JSON.parse(text).code });
      });
    });
    return { socket, closed, ...answered };
  }
  const signUp = async (role: string) => {
    const answer = await post("/api/auth/signup", { ...admin, name: "Ada", tokens: true }, "192.0.2.1");
    const { accessToken } = JSON.parse(await answer.text());
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    await setRole(role);
    return { cookie, authorization: `Bearer ${accessToken}` };
  };
  const setRole = (role: string) =>
    post("/api/admin/security/roles", { email: admin.email, role }, "192.0.2.1", asOperator());
  return { ...services, server, sockets, port, open, signUp, setRole };
}

it("an operator, and an admin with his cookie or his access token, see a frame a second", async () => {
  const { open, signUp, post } = await start();
  const { cookie, authorization } = await signUp("admin");
  for (const headers of [asOperator(), { cookie, origin: publicUrl }, { authorization }]) {
    const { socket, status } = await open(headers);
    expect(status).toBe(101);
    // One frame is enough to wait for.
    if (!("cookie" in headers)) continue;
    const first = once(socket, "message");
    await post("/api/auth/login", { ...admin, password: "wrong password" }, "192.0.2.7");
    const frame = performanceFrame.parse(JSON.parse(String((await first)[0])));
    expect(frame.routes.map(({ route }) => route)).toContain("POST /api/auth/login");
    expect(frame.intervalMs).toBeGreaterThan(900);
    socket.terminate();
  }
});

it("strangers and other people get 401 and 403 before anything is opened, other origins 403 uncounted", async () => {
  const { open, signUp, sockets } = await start();
  const { cookie, authorization } = await signUp("user");
  expect(await open({})).toMatchObject({ status: 401, code: "UNAUTHORIZED" });
  expect(await open({ cookie: "flux.session_token=made.up" })).toMatchObject({ status: 401 });
  expect(await open({ cookie })).toMatchObject({ status: 403, code: "FORBIDDEN" });
  expect(await open({ authorization })).toMatchObject({ status: 403, code: "FORBIDDEN" });
  for (const origin of ["https://evil.example", "null", `${publicUrl}.evil.example`]) {
    for (let i = 0; i < 20; i++) {
      const answer = await open({ ...asOperator(), origin, "x-forwarded-for": "192.0.2.66" });
      expect(answer).toMatchObject({ status: 403, code: "CSRF" });
    }
  }
  expect((await open({ ...asOperator(), "x-forwarded-for": "192.0.2.66" })).status).toBe(101);
  expect(sockets.count()).toBe(1);
});

it("guessing at a token ends like any other guessing; a right one passes the block, a session does not", async () => {
  const { open, signUp } = await start();
  const { cookie } = await signUp("admin");
  const from = { "x-forwarded-for": "192.0.2.7" };
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) {
    statuses.push((await open({ ...from, authorization: `Bearer flux_${"a".repeat(42)}${i}` })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 403]);
  expect(await open({ ...from, cookie })).toMatchObject({ status: 403, code: "BLOCKED" });
  expect((await open({ ...from, ...asOperator() })).status).toBe(101);
});

it.each(["the session ends", "the role is taken away"])("it ends soon after %s", async (what) => {
  const { open, signUp, setRole, post } = await start({ checkMs: 20 });
  const { cookie } = await signUp("admin");
  const { closed, status } = await open({ cookie });
  expect(status).toBe(101);
  if (what === "the session ends") await post("/api/auth/logout", {}, "192.0.2.1", { cookie });
  else await setRole("user");
  expect(await closed).toBe(4401);
});

it("only as many watch as there are places, and one that goes leaves his", async () => {
  const { open, sockets } = await start({ maxViewers: 2 });
  const first = await open(asOperator());
  await open(asOperator());
  expect(await open(asOperator())).toMatchObject({ status: 503, code: "TOO_MANY_VIEWERS" });
  first.socket.close();
  await expect.poll(() => sockets.count()).toBe(1);
  expect((await open(asOperator())).status).toBe(101);
});

it("whoever talks is not listened to: long or many messages end it", async () => {
  const { open } = await start();
  const long = await open(asOperator());
  long.socket.send("x".repeat(200));
  expect(await long.closed).toBe(1009);
  const many = await open(asOperator());
  for (let i = 0; i < 20; i++) many.socket.send("x");
  expect(await many.closed).toBe(1008);
});

it("whoever does not read is dropped, and nothing is kept for him", async () => {
  const dropped: unknown[] = [];
  const logger = { info: (...what: unknown[]) => dropped.push(what), warn: () => {} } as never;
  const activity = createActivity();
  const feed = createPerformanceFeed({
    ...{ activity, storeName: "memory", degraded: {}, now: Date.now, activeBlocks: () => 0 },
  });
  const { port, sockets } = await start({ logger, feed });
  const slow = connect(port, "127.0.0.1");
  onTestFinished(() => void slow.destroy());
  slow.on("error", () => {});
  const { authorization } = asOperator();
  slow.write(
    [
      ...["GET /performance HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
      ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
      ...[`Authorization: ${authorization}`, "", ""],
    ].join("\r\n"),
  );
  expect(String((await once(slow, "data"))[0])).toMatch(/^HTTP\/1\.1 101 /);
  slow.pause();
  for (let i = 0; i < 100_000 && sockets.count() > 0; i++) {
    // Large frames: what the system itself buffers for a connection are some megabytes.
    for (let r = 0; r < 50; r++) activity.watcher?.request(`GET /${"x".repeat(400)}${r}`, 200, 1);
    feed.tick();
    if (i % 10 === 0) await new Promise((done) => setImmediate(done));
  }
  expect(sockets.count()).toBe(0);
  const bufferedBytes = expect.toSatisfy((bytes: number) => bytes > 256 * 1024 && bytes < 320 * 1024);
  expect(dropped).toEqual([[{ bufferedBytes }, "A viewer reads too slowly"]]);
});

it("whoever is no longer there is found out", async () => {
  const { open, sockets } = await start({ pingMs: 30 });
  const { socket } = await open(asOperator());
  // As when his network is gone: no answer to a ping.
  socket.pong = () => {};
  (socket as unknown as { _socket: { pause(): void } })._socket.pause();
  await expect.poll(() => sockets.count()).toBe(0);
});

it("at the end it is told, and nobody new gets in", async () => {
  const { open, sockets } = await start();
  const { closed } = await open(asOperator());
  sockets.close();
  expect(await closed).toBe(1001);
  expect((await open(asOperator())).status).toBe(503);
});

it("other requests for an upgrade are answered as if they had not asked, and this one without one is told", async () => {
  const { port } = await start();
  const ask = async (path: string, headers: object) => {
    const request = httpRequest({ port, path, headers: { ...program, ...headers } }).end();
    const [response] = await once(request, "response");
    response.resume();
    return response.statusCode;
  };
  expect(await ask("/healthz", { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" })).toBe(200);
  expect(await ask("/healthz", { connection: "Upgrade", upgrade: "websocket" })).toBe(200);
  expect(await ask("/performance", asOperator())).toBe(426);
});
