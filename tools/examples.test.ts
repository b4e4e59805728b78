// The examples do what they say, each as a program of its own, as a reader starts it.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..");
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

const commandOf = (name: string) => ["run", "--silent", "example", "--", name];

/** Ended after the test. Resolves with what the pattern finds in its output. */
async function start(
  command: string,
  args: readonly string[],
  env: object,
  pattern: RegExp,
): Promise<string> {
  const program: ChildProcess = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
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
  const { stdout } = await promisify(execFile)("npm", commandOf("memory-guard"), { cwd: root });
  expect(stdout).toMatch(/^(?:attempt [1-5]: allow\n){5}attempt 6: block\n$/);
});

it("hono-guard: the sixth wrong password is refused unseen, and so is a right one then", async () => {
  const port = await start("npm", [...commandOf("hono-guard"), "0"], {}, /listening on (\d+)/);
  const signIn = async (password: string) => {
    const body = JSON.stringify({ email: ada.email, password });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { method: "POST", headers, body });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  expect(await signIn(ada.password)).toEqual({ status: 200, body: { hello: ada.email } });
  for (let i = 1; i <= 5; i++) {
    expect(await signIn("wrong")).toEqual({ status: 401, body: { code: "WRONG" } });
  }
  expect(await signIn("wrong")).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
  expect(await signIn(ada.password)).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
});

it("hono-guard: of twenty wrong passwords sent side by side, five are looked at", async () => {
  const port = await start("npm", [...commandOf("hono-guard"), "0"], {}, /listening on (\d+)/);
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const body = JSON.stringify({ email: ada.email, password: "wrong" });
      const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { method: "POST", body });
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
});

it("example: names what there is to run", async () => {
  const asked = promisify(execFile)("npm", commandOf("nothing"), { cwd: root });
  await expect(asked).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("memory-guard") });
});

it("token-service: lets in who has signed in, and nobody else", async () => {
  const data = mkdtempSync(join(tmpdir(), "flux-example-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), PUBLIC_URL: issuer, DATA_DIR: data };
  await start(process.execPath, ["apps/auth/src/main.ts"], env, /"port":(\d+)/);
  const service = await start("npm", [...commandOf("token-service"), issuer, "0"], {}, /listening on (\d+)/);

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
