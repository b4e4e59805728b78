// The commands that ask a server, against a real one.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { createAdminClient } from "@fluxstudio/admin-api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { followEvents, type Identified } from "../follow-events.ts";

const root = new URL("../../../../", import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), "flux-cli-"));
let url = "";

/** An SMTP server that knows nobody, until it is told to take mails. */
let takesMails = false;
const answers: readonly [RegExp, () => string][] = [
  [/^RCPT/i, () => (takesMails ? "250 ok" : "550 no such user")],
  [/^DATA/i, () => "354 go on"],
];
const mails = createServer((socket) => {
  socket.write("220 test\r\n");
  let inMail = false;
  socket.on("data", (piece) => {
    for (const line of String(piece).split("\r\n").slice(0, -1)) {
      if (inMail && line !== ".") continue;
      inMail = /^DATA/i.test(line);
      const answer = answers.find(([command]) => command.test(line))?.[1]() ?? "250 ok";
      socket.write(`${answer}\r\n`);
    }
  });
  socket.on("error", () => socket.destroy());
});
await new Promise<void>((listening) => mails.listen(0, "127.0.0.1", listening));
const smtpUrl = `smtp://127.0.0.1:${(mails.address() as AddressInfo).port}`;

const blocklist = join(data, "blocklist.txt");
writeFileSync(blocklist, "198.51.100.0/24\n");

const server = spawn(process.execPath, [join(root, "apps/auth/src/main.ts")], {
  env: {
    ...{ PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    ...{ PORT: "0", DATA_DIR: data, HOST: "127.0.0.1", SMTP_URL: smtpUrl },
    // The mail server takes no mail at first, so nobody could confirm an address.
    EMAIL_VERIFICATION: "optional",
    BLOCKLIST_SOURCES: blocklist,
  },
  stdio: ["ignore", "pipe", "inherit"],
});

beforeAll(async () => {
  for await (const piece of server.stdout) {
    const port = /"port":(\d+)/.exec(String(piece))?.[1];
    if (port === undefined) continue;
    url = `http://127.0.0.1:${port}`;
    return;
  }
  throw new Error("The server did not start.");
});

afterAll(async () => {
  server.stdout.resume();
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  expect(await ended).toBe(0);
  mails.close();
  rmSync(data, { recursive: true });
});

async function flux(args: string, input = "", variables: object = {}): Promise<string> {
  const env = { PATH: process.env.PATH, FLUX_URL: url, DATA_DIR: data, ...variables };
  const running = promisify(execFile)(
    process.execPath,
    [join(root, "apps/cli/bin/flux.mjs"), ...args.split(" ")],
    { env },
  );
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** How it ends when it does not end well. */
const failed = (args: string): Promise<{ code: number; stdout: string; stderr: string }> =>
  flux(args).then(
    (stdout) => ({ code: 0, stdout, stderr: "" }),
    (error) => error,
  );

const post = (path: string, body: object, headers: object = {}) =>
  fetch(`${url}/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-flux-client": "test", ...headers },
    body: JSON.stringify(body),
  });
const guess = () => post("/login", { email: "nobody@example.com", password: "wrong password" });

const pollOptions = { timeout: 30_000, interval: 50 };

describe("flux", () => {
  it("says that alerts are off, and what to set", async () => {
    expect(await flux("alerts list")).toMatch(
      /^Alerts are off: set ALERT_MAIL_TO, ALERT_WEBHOOK_URL or ALERT_SLACK_URL/,
    );
    expect(await failed("alerts test")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Alerts are off"),
    });
    expect(await failed("alerts list --incident x")).toMatchObject({ code: 2 });
  });

  it("says that nothing is reported to Sentry, and what to set", async () => {
    expect(await failed("sentry test")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Nothing is reported to Sentry: set SENTRY_DSN "),
    });
  });

  it("lists jobs, runs one to its end, and says what one would do", async () => {
    expect(await flux("jobs list")).toMatch(/^tokens {2}next \S+Z {2}not run yet {2}Deletes /m);
    expect(await flux("jobs run tokens --dry-run")).toBe(
      "tokens: would have dealt with 0 families, 0 operatorTokens\n",
    );
    expect(JSON.parse(await flux("jobs run tokens --json"))).toMatchObject({
      run: 2,
      outcome: "done",
      counts: { families: 0 },
    });
    expect(await flux("jobs list")).toMatch(
      /^tokens {2}.*last \S+Z: done in [\d.]+ s, 0 families, 0 operatorTokens/m,
    );
    expect(await flux("jobs list")).toContain(`blocklist  ${blocklist}  loaded  1 networks, loaded `);
    expect(await flux("explain ip 198.51.100.7")).toMatch(
      /block ip-prefix 198\.51\.100\.0\/24, by feed: \S+blocklist\.txt, line 1\nreleased when the list no longer names it, or by: flux decisions add allow ip 198\.51\.100\.7$/m,
    );
    expect(await failed("jobs run nothing")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("NOT_FOUND"),
    });
  });

  it("explains a block, lifts it, and lists events, rules and decisions", async () => {
    for (let i = 0; i < 5; i++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(403);
    const explained = JSON.parse(await flux("explain ip 127.0.0.1 --json"));
    expect(explained.decisions).toMatchObject([{ action: "block", rule: "brute-force" }]);
    expect(await flux("explain ip 127.0.0.1")).toMatch(
      /^counted: brute-force\.failures 5 of 5 in 5 min, 5 of 10 in 30 min, empty at \S+Z$/m,
    );
    expect(explained.windows).toContainEqual(
      expect.objectContaining({
        window: "brute-force.failures",
        rule: "brute-force",
        count: 5,
        threshold: 5,
      }),
    );
    expect(await flux("explain ip 127.0.0.1")).toMatch(
      /^released at \S+Z, or by: flux decisions remove [\da-f-]{36}$/m,
    );
    expect(await flux("events list --rule brute-force")).toContain("brute-force (high) -> block until");
    expect(await flux("rules list")).toContain("brute-force  enforce  5 in 5 min");
    expect(await flux("decisions remove ip 127.0.0.1")).toContain("lifted:");
    expect(await flux("decisions list")).toBe("No decision is in force.\n");
    expect((await guess()).status).toBe(401);
  });

  it("exports events as they are, in OCSF and in ECS", async () => {
    expect((await guess()).status).toBe(401);
    // Until none has been stored between the first and the last of them, such as a sum of refusals.
    await vi.waitFor(async () => {
      const [ocsf, ecs, json] = await Promise.all(
        ["ocsf", "ecs", "json"].map(async (format) => {
          const lines = await flux(`events export --since 1h --ip 127.0.0.1 --format ${format}`);
          return lines
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line));
        }),
      );
      expect(ocsf?.at(-1)).toMatchObject({ class_uid: 3002, activity_name: "Logon", status: "Failure" });
      expect(ecs?.map((line) => line.event.id)).toEqual(ocsf?.map((event) => event.metadata.uid));
      expect(json?.map(({ event }) => event.id)).toEqual(ocsf?.map((event) => event.metadata.uid));
    }, 60_000);
  });

  it("lifts what is decided about one address, and never the range around it", async () => {
    const range = await flux("decisions add block ip-prefix 198.51.100.0/24 --reason abuse --json");
    const { id } = JSON.parse(range) as { id: string };
    const named = "ip-prefix 198.51.100.0/24 holds it and stays";
    expect(await failed("decisions remove ip 198.51.100.9")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`No decision about ip 198.51.100.9 itself.*${named}.*flux decisions remove ${id}`),
      ),
    });
    await flux("decisions add block ip 198.51.100.9");
    expect(await flux("decisions remove ip 198.51.100.9")).toContain("lifted: ");
    expect(await flux("decisions list")).toContain(id);
    expect(await flux("decisions remove ip-prefix 198.51.100.77/24")).toContain(`lifted: ${id}`);
    expect(await failed("decisions remove ip-prefix 198.51.100.0/24")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /198\.51\.100\.0\/24 is listed and stays .*blocklist\.txt, line 1\); flux decisions add allow ip-prefix 198\.51\.100\.0\/24 counts before that\./,
      ),
    });
  });

  it("decides about everybody only when it is meant", async () => {
    for (const target of ["ip-prefix 0.0.0.0/0", "global all"]) {
      expect(await failed(`decisions add block ${target}`)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("--force"),
      });
    }
    const forced = await flux("decisions add allow ip-prefix 0.0.0.0/0 --force --json");
    const { id } = JSON.parse(forced) as { id: string };
    expect(await flux(`decisions remove ${id}`)).toContain("lifted: ");
  });

  it.each([
    ["events list --rule nope", 'There is no rule "nope". There are: account-guessing, '],
    ["events list --ip nope", '--ip takes one address, such as 203.0.113.7; "nope" is none.'],
    [
      "events export --since nope",
      '--since takes 30m, 24h, 7d or a time such as 2026-11-28T09:00Z; not "nope".',
    ],
    ["events export --format xml", '--format is "xml". Write json, ecs or ocsf.'],
    ["events list --limit abc", '--limit takes a whole number from 1 to 1000; not "abc".'],
    ["mail retry nope", '"nope" is no mail\'s id; flux mail list --dead shows them'],
    ["decisions add blokc ip 203.0.113.7", 'ACTION is "blokc". Write allow, '],
    ["decisions add block ip nope", '"nope" is no IP address'],
    ["decisions remove ip", "Say whose: flux decisions remove ip VALUE."],
    ["users set-role root@example.com owner", 'ROLE is "owner". Write user, moderator or admin.'],
  ])("%s is wrong usage, and says what is right", async (args, words) => {
    expect(await failed(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(words) });
  });

  it("says that there is nothing where there is nothing", async () => {
    expect(await flux("events list --ip 192.0.2.77")).toBe("No event.\n");
    expect(await flux("events list --ip 192.0.2.77 --json")).toBe("");
    expect(await failed("decisions remove ip 8.8.8.8")).toMatchObject({
      code: 1,
      stderr: "flux decisions remove: No decision about ip 8.8.8.8 itself is in force.\n",
    });
    expect(await failed("decisions remove nope")).toMatchObject({ code: 1 });
  });

  it("lists the replay of a stolen refresh token, which has ended the session", async () => {
    const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    const pair = async (answer: Promise<Response>) =>
      JSON.parse(await (await answer).text()) as { refreshToken: string; code?: string };
    const { refreshToken: stolen } = await pair(post("/signup", { ...ada, tokens: true }));
    const { refreshToken: second } = await pair(post("/refresh", { refreshToken: stolen }));
    const { refreshToken: third } = await pair(post("/refresh", { refreshToken: second }));
    expect(await pair(post("/refresh", { refreshToken: stolen }))).toMatchObject({
      code: "REFRESH_TOKEN_REUSED",
    });
    expect(await pair(post("/refresh", { refreshToken: third }))).toMatchObject({ code: "SESSION_ENDED" });
    const listed = await flux("events list --rule refresh-token-reuse");
    expect(listed).toMatch(
      /127\.0\.0\.1 {2}refresh-token-reuse {2}refresh-token-reuse \(high\) -> block until/,
    );
  });

  it("takes a decision, makes a token and an admin, and finds the set-up in order", async () => {
    expect(await flux("decisions add block ip 203.0.113.9 --for 12h")).toContain(
      "block ip 203.0.113.9 until",
    );
    expect(await flux("token create --name ci")).toMatch(/^flux_[\w-]{43}\n$/);
    expect(
      await flux("admin create --email root@example.com --password-stdin", "a long enough one\n"),
    ).toContain("is an admin");
    for (const [password, why] of [
      ["short", "PASSWORD_TOO_SHORT: Use at least 8 characters."],
      ["password123", "PASSWORD_COMMON: This password is among the first that are tried. Use another."],
      ["boss@example.com", "PASSWORD_CONTAINS_EMAIL"],
    ] as const) {
      const weak = flux("admin create --email boss@example.com --password-stdin", `${password}\n`);
      await expect(weak).rejects.toThrow(why);
    }
    const again = flux("admin create --email ROOT@example.com --password-stdin", "a long enough one\n");
    await expect(again).rejects.toThrow("EXISTS");
    expect(await flux("users set-role root@example.com moderator")).toBe(
      "root@example.com is moderator now.\n",
    );
    await expect(flux("users set-role root@example.com owner")).rejects.toThrow("user, moderator or admin");
    await expect(flux("users set-role nobody@example.com user")).rejects.toThrow("No account");
    expect(await flux("doctor")).not.toContain("FAIL");
    expect(await flux("doctor")).toMatch(/^ok {4}proxy set-up: trusts no proxy/m);
  });

  it("follows events, one that is stored after a younger one as well, each once", async () => {
    const client = createAdminClient({ url, token: (await flux("token create --name follow")).trim() });
    const following = followEvents<Identified>({
      ask: async (query) => {
        const parameters = Object.entries(query).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        const answer = await client.ask<{ events: Identified[] }>(
          "GET",
          `/events?${new URLSearchParams(parameters)}`,
        );
        return answer.events;
      },
      wait: async () => {},
    });
    const next = async () => ((await following.next()).value as Identified[]).map((one) => one.event.id);
    expect(await next()).toEqual([]);
    await guess();
    const found: string[] = [];
    while (found.length === 0) found.push(...(await next()));
    const late = copyOfEvent(found[0] as string, 5_000);
    while (!found.includes(late)) found.push(...(await next()));
    found.push(...(await next()));
    expect(new Set(found).size).toBe(found.length);
  });

  it("tells what the server noticed about the proxies, and fails when it is a mistake", async () => {
    // No guess: with those of the other tests it would be one too many.
    await fetch(`${url}/api/auth/get-session`, { headers: { "x-forwarded-for": "203.0.113.5" } });
    const failed = (await flux("doctor --json").catch((error) => error)) as { code: number; stdout: string };
    expect(failed.code).toBe(1);
    const findings = failed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(findings.filter((one) => !one.ok)).toEqual([
      {
        check: "proxy set-up",
        ok: false,
        message: expect.stringContaining(
          "add 127.0.0.1/32 (or the range your proxies have) to TRUSTED_PROXIES",
        ),
      },
    ]);
    expect(findings.map((one) => one.check)).toEqual([
      "runtime",
      "imports",
      "configuration",
      "secret",
      "database",
      "server",
      "server's database",
      "clock",
      "proxy set-up",
    ]);
  });

  it("finds every mistake in the configuration with no server, and says what to write", async () => {
    const wrong = {
      FLUX_URL: "http://127.0.0.1:9",
      PORT: "http",
      NODE_ENV: "production",
      TRUSTED_PROXIES: "proxy",
    };
    const { stdout } = (await flux("doctor", "", wrong).catch((error) => error)) as { stdout: string };
    for (const name of ["PORT", "FLUX_SECRET", "PUBLIC_URL", "TRUSTED_PROXIES"])
      expect(stdout).toMatch(new RegExp(`^FAIL  configuration: ${name}.*(?:write|set)`, "m"));
    expect(stdout).toMatch(/^FAIL {2}server: .* does not answer/m);
  });

  it("goes on without an address of the server, and calls nothing right beside what is wrong", async () => {
    const { stdout } = (await flux("doctor", "", { FLUX_URL: "", PORT: "abc" }).catch((error) => error)) as {
      stdout: string;
    };
    expect(stdout).toMatch(/^FAIL {2}configuration: PORT: write a number/m);
    expect(stdout).toMatch(/^FAIL {2}server: cannot be asked: PORT is "abc"/m);
    const mistyped = {
      FLUX_SECERT: "x",
      GEO_DATABASE: join(root, "package.json"),
      EVENT_LOG_FILE: data,
      EVENT_ARCHIVE_DIR: join(root, "package.json"),
      DATA_DIR: join(root, "package.json", "data"),
      DATABASE_URL: `sqlite:${join(root, "package.json", "flux.db")}`,
      FLUX_URL: "http://127.0.0.1:9",
    };
    const more = (await flux("doctor", "", mistyped).catch((error) => error)) as { stdout: string };
    expect(more.stdout).toMatch(/^FAIL {2}configuration: FLUX_SECERT/m);
    expect(more.stdout).not.toMatch(/^ok {4}configuration/m);
    expect(more.stdout).toMatch(/^FAIL {2}event file: EVENT_LOG_FILE .* is no regular file\. Let /m);
    expect(more.stdout).toMatch(/^FAIL {2}event archive: EVENT_ARCHIVE_DIR .*json is no directory\. Let /m);
    expect(more.stdout).toMatch(/^FAIL {2}secret: DATA_DIR .*json is no directory\. Let /m);
    expect(more.stdout).toMatch(/^FAIL {2}database: DATABASE_URL .*json is no directory\. Let /m);
    expect(more.stdout).toMatch(/^FAIL {2}places: GEO_DATABASE: .*not an MMDB file\. Write /m);
  });

  it("says which token the server does not accept, and where one comes from", async () => {
    const refused = flux("rules list", "", { FLUX_TOKEN: "flux_wrong" });
    await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining("not accept FLUX_TOKEN") });
    const none = flux("rules list", "", { DATA_DIR: tmpdir() });
    await expect(none).rejects.toMatchObject({ stderr: expect.stringContaining("flux token create") });
  });

  it("lists mails that could not be sent, and sends one after all", async () => {
    const response = await fetch(`${url}/api/auth/signup`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-flux-client": "test" },
      body: JSON.stringify({ name: "Ada", email: "augusta@example.com", password: "correct horse battery" }),
    });
    expect(response.status).toBe(200);
    await expect.poll(() => flux("mail list --dead"), pollOptions).toContain("given up after 1 try: ");
    expect(await flux("mail list --dead")).toMatch(
      /verify-email to a…@example\.com {2}given up .*550 no such user\n0 wait, \d dead, 0 refused/,
    );
    const [newest = ""] = (await flux("mail list --dead --json")).split("\n");
    const { id } = JSON.parse(newest);
    takesMails = true;
    expect(await flux(`mail retry ${id}`)).toBe(`${id} waits to be sent.\n`);
    await expect.poll(() => flux("mail list"), pollOptions).toContain("a…@example.com  sent 20");
    await expect(flux(`mail retry ${id}`)).rejects.toMatchObject({
      stderr: expect.stringContaining("NOT_FOUND"),
    });
  });

  it("says what to do when no server answers", async () => {
    const before = url;
    url = "http://127.0.0.1:9";
    await expect(flux("rules list")).rejects.toMatchObject({ stderr: expect.stringContaining("npm start") });
    url = before;
  });
});

/** As a process that was slow would store it. @returns its id */
function copyOfEvent(id: string, earlierMs: number): string {
  const at = Number.parseInt(id.replace("-", "").slice(0, 12), 16) - earlierMs;
  const hex = at.toString(16).padStart(12, "0");
  const copy = `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}`;
  const database = new DatabaseSync(join(data, "flux.db"), { timeout: 5_000 });
  database.exec("create temp table copy as select * from security_event where false");
  database.prepare("insert into copy select * from security_event where id = ?").run(id);
  database.prepare("update copy set id = ?, data = replace(data, ?, ?)").run(copy, id, copy);
  database.exec("insert into security_event select * from copy");
  database.close();
  return copy;
}
