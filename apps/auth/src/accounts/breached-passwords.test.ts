// The question about breaches, put to a service on loopback that answers well, late, wrongly, too much, or not at all.

import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createBreachedPasswords } from "./breached-passwords.ts";
import { findPasswordProblem } from "./password-policy.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex").toUpperCase();
const known = sha1("kx7pqwvmzz");
const padding = `${"0".repeat(35)}:0`;

async function ask(answer: RequestListener, timeoutMs = 2_000) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["add-padding"]}`);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const failures: unknown[] = [];
  const clock = { at: 1_000_000 };
  const breached = createBreachedPasswords({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`,
    now: () => clock.at,
    onFailure: (error) => failures.push(error),
    timeoutMs,
  });
  const problem = async (password: string) =>
    (await findPasswordProblem(password, "ada@example.com", { minLength: 8, breached }))?.code;
  return { asked, failures, clock, problem };
}

it("tells five digits of a hash, and finds the rest in the answer by itself", async () => {
  const { asked, problem } = await ask((_, response) => {
    response.end([padding, `${known.slice(5)}:3861493`].join("\r\n"));
  });
  expect(await problem("kx7pqwvmzz")).toBe("PASSWORD_BREACHED");
  expect(await problem("kx7pqwvmzy")).toBeUndefined();
  expect(asked).toEqual([known, sha1("kx7pqwvmzy")].map((hash) => `GET /range/${hash.slice(0, 5)} true`));
});

it("a line of padding is no breach", async () => {
  const { problem, failures } = await ask((_, response) => response.end(`${known.slice(5)}:0\r\n`));
  expect(await problem("kx7pqwvmzz")).toBeUndefined();
  expect(failures).toEqual([]);
});

it("asks nobody about a password that is refused anyway", async () => {
  const { asked, problem } = await ask((_, response) => response.end(padding));
  for (const password of ["short", "password123", "ada@example.com"])
    expect(await problem(password)).toBeDefined();
  expect(asked).toEqual([]);
});

it.each<[string, RequestListener, number?]>([
  ["never answers", () => {}, 100],
  ["stops in the middle", (_, response) => void response.write(padding), 100],
  ["hangs up", (request) => void request.socket.destroy()],
  ["answers 503", (_, response) => void response.writeHead(503).end("busy")],
  ["answers with a page", (_, response) => void response.end("<html>Welcome to the hotel's Wi-Fi</html>")],
  [
    "leads elsewhere",
    (_, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  ],
  ["answers without end", (_, response) => void response.end(`${padding}\r\n`.repeat(50_000))],
])("a service that %s keeps nobody from signing up, and is told of once", async (_, answer, timeoutMs) => {
  const { asked, failures, clock, problem } = await ask(answer, timeoutMs);
  expect(await problem("kx7pqwvmzz")).toBeUndefined();
  expect(await problem("kx7pqwvmzz")).toBeUndefined();
  expect(await problem("password123")).toBe("PASSWORD_COMMON");
  expect(failures).toHaveLength(1);
  clock.at += 60_000;
  expect(await problem("kx7pqwvmzz")).toBeUndefined();
  expect(failures).toHaveLength(2);
  // One that is slow to accept may not even have heard the question.
  expect(asked.length).toBeLessThanOrEqual(2);
});

it("a service that does not listen keeps nobody from signing up", async () => {
  const failures: unknown[] = [];
  const breached = createBreachedPasswords({
    url: "http://127.0.0.1:1/range/",
    now: () => 0,
    onFailure: (error) => failures.push(error),
  });
  expect(await breached.includes("kx7pqwvmzz")).toBeUndefined();
  expect(failures).toHaveLength(1);
});
