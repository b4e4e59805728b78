// The commands that ask a server, against a real one.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = new URL("../../../../", import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), "flux-cli-"));
let url = "";
const server = spawn(process.execPath, [join(root, "apps/auth/src/main.ts")], {
  env: { PATH: process.env.PATH, PORT: "0", DATA_DIR: data, HOST: "127.0.0.1" },
  stdio: ["ignore", "pipe", "inherit"],
});

beforeAll(async () => {
  for await (const piece of server.stdout) {
    const port = /"port":(\d+)/.exec(String(piece))?.[1];
    if (port === undefined) continue;
    url = `http://127.0.0.1:${port}`;
    return;
  }
});

afterAll(async () => {
  server.stdout.resume();
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  expect(await ended).toBe(0);
  rmSync(data, { recursive: true });
});

async function flux(args: string, input = ""): Promise<string> {
  const env = { PATH: process.env.PATH, FLUX_URL: url, DATA_DIR: data };
  const running = promisify(execFile)(
    process.execPath,
    [join(root, "apps/cli/bin/flux.mjs"), ...args.split(" ")],
    { env },
  );
  running.child.stdin?.end(input);
  return (await running).stdout;
}

const guess = () =>
  fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-flux-client": "test" },
    body: JSON.stringify({ email: "nobody@example.com", password: "wrong password" }),
  });

describe("flux", () => {
  it("explains a block, lifts it, and lists events, rules and decisions", async () => {
    for (let i = 0; i < 5; i++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(403);
    const explained = JSON.parse(await flux("explain ip 127.0.0.1 --json"));
    expect(explained.decisions).toMatchObject([{ action: "block", rule: "brute-force" }]);
    expect(await flux("explain ip 127.0.0.1")).toContain("released by: flux decisions remove");
    expect(await flux("events list --rule brute-force")).toContain("brute-force (high) -> block until");
    expect(await flux("rules list")).toContain("brute-force  enforce  5 in 300 s");
    expect(await flux("decisions remove ip 127.0.0.1")).toContain("lifted:");
    expect(await flux("decisions list")).toBe("No decision is in force.\n");
    expect((await guess()).status).toBe(401);
  });

  it("takes a decision, makes a token and an admin, and finds the set-up in order", async () => {
    expect(await flux("decisions add block ip 203.0.113.9 --for 12h")).toContain(
      "block ip 203.0.113.9 until",
    );
    expect(await flux("token create --name ci")).toMatch(/^flux_[\w-]{43}\n$/);
    expect(
      await flux("admin create --email root@example.com --password-stdin", "a long enough one\n"),
    ).toContain("is an admin");
    expect(await flux("doctor")).not.toContain("FAIL");
  });

  it("says what to do when no server answers", async () => {
    const before = url;
    url = "http://127.0.0.1:9";
    await expect(flux("rules list")).rejects.toMatchObject({ stderr: expect.stringContaining("npm start") });
    url = before;
  });
});
