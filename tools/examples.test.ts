// The examples do what they say, each as a program of its own, as a reader starts it.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..");
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

/** What `npm run example -- NAME` runs; npm itself takes longer than most examples. */
const commandOf = (name: string) => ["tools/run.mjs", "tools/example.ts", name];

/** Ended after the test. Resolves with what the pattern finds in its output. */
async function start(
  command: string,
  args: readonly string[],
  env: object,
  pattern: RegExp,
): Promise<string> {
  const program: ChildProcess = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => program.once("exit", done));
  onTestFinished(async () => {
    program.kill("SIGTERM");
    program.stdout?.resume();
    await ended;
  });
  for await (const piece of program.stdout ?? []) {
    const found = pattern.exec(String(piece))?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`${command} ${args.join(" ")} ended before it was ready.`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address ? address.port : 0;
}

it("memory-guard: the sixth attempt is refused", async () => {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "example", "--", "memory-guard"], {
    cwd: root,
  });
  expect(stdout).toMatch(/^(?:attempt [1-5]: allow\n){5}attempt 6: block\n$/);
});

it("ip-list: refuses what a file and a server list, and says where", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "own.txt");
  writeFileSync(file, "# ours\n203.0.113.0/24\nexample.com\n");
  const feed = createHttpServer((_, response) => response.end('["2001:db8::/32"]')).listen(0, "127.0.0.1");
  onTestFinished(() => void feed.close());
  await once(feed, "listening");
  const url = `http://127.0.0.1:${(feed.address() as AddressInfo).port}/feed.json`;
  const asked = ["203.0.113.7", "2001:db8::1", "198.51.100.1", "example.com"];
  const command = [...commandOf("ip-list"), `${file},${url},${folder}/none`, ...asked];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
  expect(stdout.split("\n")).toEqual([
    "2 networks are listed",
    "own.txt, line 3 was left out: NOT_AN_ADDRESS example.com",
    "none was not taken: UNREADABLE, ENOENT, no such file or directory",
    "203.0.113.7: block, 203.0.113.0/24 of own.txt, line 2",
    `2001:db8::1: block, 2001:db8::/32 of ${url.slice("http://".length)}, line 1`,
    "198.51.100.1: allow",
    "example.com: is no address",
    "",
  ]);
});

it.each([
  { args: [], stdout: "", stderr: expect.stringContaining("usage: npm run example -- ip-list") },
  { args: ["/nowhere/list"], stdout: expect.stringContaining("list was not taken: UNREADABLE"), stderr: "" },
])("ip-list: fails without a source that can be taken: $args", async ({ args, stdout, stderr }) => {
  const asked = promisify(execFile)(process.execPath, [...commandOf("ip-list"), ...args], { cwd: root });
  await expect(asked).rejects.toMatchObject({ code: 1, stdout, stderr });
});

it("alert-receiver: takes what is signed, once, and nothing old or changed", async () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const port = await start(
    process.execPath,
    [...commandOf("alert-receiver"), "0", secret],
    {},
    /listening on (\d+)/,
  );
  const body = '{"type":"alert.test","data":{"title":"Test of alerts"}}';
  const send = async (changes: Partial<{ at: number; body: string }> = {}) => {
    const { at = Date.now(), body: sent = body } = changes;
    const signed = { id: "alert-1", timestamp: String(Math.floor(at / 1000)) };
    const signature = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"))
      .update(`${signed.id}.${signed.timestamp}.${body}`)
      .digest("base64");
    const headers = {
      "webhook-id": signed.id,
      "webhook-timestamp": signed.timestamp,
      "webhook-signature": `v1,${signature}`,
    };
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body: sent });
    await response.text();
    return response.status;
  };
  expect(await send()).toBe(204);
  expect(await send()).toBe(204);
  expect(await send({ body: body.replace("Test", "Best") })).toBe(401);
  expect(await send({ at: Date.now() - 6 * 60_000 })).toBe(401);
});

it("alert-receiver: does not start without a secret, as anybody could sign then", async () => {
  const asked = promisify(execFile)(process.execPath, [...commandOf("alert-receiver"), "0"], { cwd: root });
  await expect(asked).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("PORT SECRET") });
});

it.each(["express-guard", "better-auth-express"])("%s: says that a port is in use", async (name) => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const asked = promisify(execFile)(process.execPath, [...commandOf(name), String(port)], { cwd: root });
  await expect(asked).rejects.toMatchObject({ code: 1, stderr: `port ${port} is in use\n` });
});

/** What was asked from one of this machine's loopback addresses, which stand for clients here. */
async function post(port: string, path: string, from: string, body: object, spoofed?: string) {
  const headers = {
    "content-type": "application/json",
    ...(spoofed && { "x-forwarded-for": spoofed, "x-real-ip": spoofed }),
  };
  const json = JSON.stringify(body);
  const outgoing = request({ host: "127.0.0.1", port, path, method: "POST", localAddress: from, headers });
  outgoing.end(json);
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (!response) throw new Error("No answer.");
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(await text(response)) };
}

describe.each([
  { name: "hono-guard", path: "/sign-in", wrong: "WRONG", signUp: undefined },
  { name: "express-guard", path: "/sign-in", wrong: "WRONG", signUp: undefined },
  { name: "fastify-guard", path: "/sign-in", wrong: "WRONG", signUp: undefined },
  { name: "plain-guard", path: "/sign-in", wrong: "WRONG", signUp: undefined },
  {
    name: "better-auth-express",
    path: "/api/auth/sign-in/email",
    wrong: "INVALID_EMAIL_OR_PASSWORD",
    signUp: "/api/auth/sign-up/email",
  },
])("$name", ({ name, path, wrong, signUp }) => {
  const started = async () => {
    const port = await start(process.execPath, [...commandOf(name), "0"], {}, /listening on (\d+)/);
    if (signUp) expect(await post(port, signUp, "127.0.0.9", ada)).toMatchObject({ status: 200 });
    const signIn = (from: string, password: string, email = ada.email, spoofed?: string) =>
      post(port, path, from, { email, password }, spoofed);
    return { port, signIn };
  };

  it("refuses the sixth guess unseen, and the right password then, by a code; no other client, and no owner", async () => {
    const { signIn } = await started();
    const isWrong = { status: 401, body: { code: wrong } };
    // A right password clears what was wrong before it.
    for (let i = 1; i <= 4; i++) expect(await signIn("127.0.0.3", "wrong")).toMatchObject(isWrong);
    expect(await signIn("127.0.0.3", ada.password)).toMatchObject({ status: 200 });
    for (let i = 1; i <= 4; i++) expect(await signIn("127.0.0.3", "wrong")).toMatchObject(isWrong);
    expect(await signIn("127.0.0.3", ada.password)).toMatchObject({ status: 200 });

    for (let i = 1; i <= 5; i++) {
      expect(await signIn("127.0.0.1", "wrong", ada.email, `203.0.113.${i}`)).toMatchObject(isWrong);
    }
    const refused = await signIn("127.0.0.1", "wrong", ada.email, "203.0.113.6");
    expect(refused).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
    expect(refused.headers["retry-after"]).toBe("3600");
    expect(await signIn("127.0.0.1", ada.password)).toMatchObject({ status: 403 });
    expect(await signIn("127.0.0.2", ada.password)).toMatchObject({ status: 200 });
  });

  it("looks at five of fifty guesses that are sent side by side", async () => {
    const { signIn } = await started();
    const answers = await Promise.all(Array.from({ length: 50 }, () => signIn("127.0.0.1", "wrong")));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code}`));
    for (const code of codes) expect([`401 ${wrong}`, "429 THROTTLED", "403 BLOCKED"]).toContain(code);
    expect(await signIn("127.0.0.2", ada.password)).toMatchObject({ status: 200 });
  });
});

it("plain-guard: a body that is no JSON, or has no fields, is the client's mistake", async () => {
  const port = await start(process.execPath, [...commandOf("plain-guard"), "0"], {}, /listening on (\d+)/);
  for (const body of ["{", "null", "7", '{"email":1}']) {
    const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { method: "POST", body });
    expect([body, response.status, await response.json()]).toEqual([body, 400, { code: "INVALID" }]);
  }
});

it("better-auth-express: ten lines are added, and a session has the address of the socket", async () => {
  const source = readFileSync(join(root, "examples/better-auth-express.ts"), "utf8");
  expect(source.match(/\/\/ \+$/gm)).toHaveLength(10);
  const port = await start(
    process.execPath,
    [...commandOf("better-auth-express"), "0"],
    {},
    /listening on (\d+)/,
  );
  const signedUp = await post(port, "/api/auth/sign-up/email", "127.0.0.5", ada, "203.0.113.1");
  const cookie = `${signedUp.headers["set-cookie"]?.map((one) => one.split(";")[0]).join("; ")}`;
  const me = await fetch(`http://127.0.0.1:${port}/me`, { headers: { cookie } });
  expect(JSON.parse(await me.text())).toEqual({ email: ada.email, ip: "127.0.0.5" });
});

it("example: names what there is to run", async () => {
  const asked = promisify(execFile)(process.execPath, commandOf("nothing"), { cwd: root });
  await expect(asked).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("memory-guard") });
});

it("token-service: lets in who has signed in, and nobody else", async () => {
  const data = mkdtempSync(join(tmpdir(), "flux-example-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), PUBLIC_URL: issuer, DATA_DIR: data };
  await start(process.execPath, ["apps/auth/src/main.ts"], env, /"port":(\d+)/);
  const service = await start(
    process.execPath,
    [...commandOf("token-service"), issuer, "0"],
    {},
    /listening on (\d+)/,
  );

  const signUp = await fetch(`${issuer}/api/auth/signup`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-flux-client": "test" },
    body: JSON.stringify({ ...ada, tokens: true }),
  });
  const { accessToken, refreshToken, user } = JSON.parse(await signUp.text());
  const hello = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${service}/hello`, { headers });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  expect(await hello(accessToken)).toEqual({ status: 200, body: { hello: user.id, roles: ["user"] } });
  expect(await hello(refreshToken)).toEqual({ status: 401, body: { code: "TOKEN_INVALID" } });
  const forged = accessToken.slice(0, 50) + (accessToken[50] === "A" ? "B" : "A") + accessToken.slice(51);
  expect(await hello(forged)).toEqual({ status: 401, body: { code: "TOKEN_INVALID" } });
});
