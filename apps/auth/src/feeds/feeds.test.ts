// Feeds as an operator meets them: what is in force, what is said about it, and what a bad feed cannot do.

import { once } from "node:events";
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@fluxstudio/telemetry";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../config.ts";
import { asOperator, program, startTestApp } from "../test-app.ts";
import { createFeeds, type FeedsOptions } from "./feeds.ts";

const listed = "203.0.113.7";

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "flux-test-feeds-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function file(text: string): string {
  const path = join(directory(), "list.txt");
  writeFileSync(path, text);
  return path;
}

/** A feed that answers as it is told from now on. */
async function startFeed(answer: RequestListener) {
  const feed = { answer };
  const server = createServer((request, response) => feed.answer(request, response)).listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list?key=very-secret-key`;
  return { url, answers: (next: RequestListener) => Object.assign(feed, { answer: next }) };
}

const text =
  (body: string): RequestListener =>
  (_, response) =>
    void response.end(body);

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(code, headers).end();

async function start(block: readonly string[], more: Partial<FeedsOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", stream: { write: (line) => void lines.push(line) } });
  const feeds = await createFeeds({
    ...{ feeds: { block, allow: [], refreshMs: 0 }, dataDir: directory(), trustedProxies: [] },
    ...{ logger, now: Date.now, patienceMs: 30_000, ...more },
  });
  onTestFinished(() => feeds.close());
  const has = (ip: string) => feeds.lists.block?.has(ip);
  return { ...feeds, lines, has };
}

describe("in flux-auth", () => {
  const login = { email: "nobody@example.com", password: "wrong password" };

  async function startFlux(env: Record<string, string>) {
    const flux = await startTestApp({ databaseUrl: ":memory:", env });
    const signIn = async (ip: string) => (await flux.post("/api/auth/login", login, ip)).status;
    const admin = async (method: string, path: string, body?: object) => {
      const init = { method, headers: { ...program, ...asOperator() }, body: body && JSON.stringify(body) };
      const response = await flux.ask(`/api/admin/security${path}`, init as RequestInit, "192.0.2.1");
      return JSON.parse(await response.text());
    };
    return { ...flux, signIn, admin };
  }

  it("a listed address is refused and explained, and an operator's word counts before the list's", async () => {
    const path = file("# bad\n203.0.113.0/24\n");
    const { signIn, admin } = await startFlux({ BLOCKLIST_SOURCES: path });
    expect(await signIn(listed)).toBe(403);
    expect(await signIn("198.51.100.1")).toBe(401);
    const { decisions } = await admin("GET", `/explain?scope=ip&value=${listed}`);
    expect(decisions).toMatchObject([
      { action: "block", origin: "feed", value: "203.0.113.0/24", reason: `${path}, line 2` },
    ]);
    await admin("POST", "/decisions", { action: "allow", scope: "ip", value: listed });
    expect(await signIn(listed)).toBe(401);
    expect(await signIn("203.0.113.8")).toBe(403);
  });

  it("an allowlisted address is refused by no blocklist and no rule, but by an operator", async () => {
    const env = { BLOCKLIST_SOURCES: file("203.0.113.0/24\n"), ALLOWLIST_SOURCES: file(`${listed}\n`) };
    const { signIn, admin } = await startFlux(env);
    for (let i = 0; i < 8; i++) expect(await signIn(listed)).toBe(401);
    expect(await signIn("203.0.113.8")).toBe(403);
    await admin("POST", "/decisions", { action: "block", scope: "ip", value: listed });
    expect(await signIn(listed)).toBe(403);
  });

  it("the operator sees each feed, without the key in its address, and the log says once that there is none", async () => {
    const feed = await startFeed(text("203.0.113.7\n10.0.0.0/8\nnonsense\n203.0.113.9\n"));
    const { admin, lines } = await startFlux({ BLOCKLIST_SOURCES: `${feed.url},/nowhere/list.txt` });
    const answer = await admin("GET", "/jobs");
    expect(answer.feeds).toEqual([
      {
        ...{ list: "blocklist", source: feed.url.split("?")[0], state: "loaded" },
        ...{ networks: 2, leftOut: 2, loadedAt: expect.any(Number) },
      },
      {
        ...{ list: "blocklist", source: "/nowhere/list.txt", state: "failed", networks: 0, leftOut: 0 },
        failure: { code: "UNREADABLE", detail: "ENOENT, no such file or directory" },
      },
    ]);
    expect(JSON.stringify(answer) + lines.join()).not.toContain("very-secret-key");
    const without = await startFlux({});
    expect(without.lines.filter((line) => line.includes("No IP lists"))).toHaveLength(1);
    expect((await without.admin("GET", "/jobs")).feeds).toEqual([]);
  });

  it("what is no source is a mistake of the configuration", () => {
    const wrong = [
      "http://feeds.example.com/list",
      "ftp://example.com/list",
      "https://me:pw@example.com/list",
    ];
    for (const source of wrong)
      expect(() => readConfig({ BLOCKLIST_SOURCES: source })).toThrow(
        "BLOCKLIST_SOURCES, entry 1: write a path",
      );
    const good = "https://example.com/list?key=1, lists/own.txt,http://127.0.0.1/list";
    expect(readConfig({ ALLOWLIST_SOURCES: good }).feeds.allow).toHaveLength(3);
    expect(() => readConfig({ FEED_REFRESH_MINUTES: "0" })).toThrow("from 1 to 1440");
  });
});

describe("a feed that goes wrong", () => {
  const answers: readonly [string, RequestListener][] = [
    ["HTTP_STATUS", status(500)],
    ["EMPTY", text("# nothing any more\n")],
    ["NOT_A_LIST", text(`<html>\nforbidden\n${listed}\n</html>\n`)],
    ["TOO_WIDE", text(Array.from({ length: 70 }, (_, i) => `${i + 11}.0.0.0/8`).join("\n"))],
    [
      "TOO_LARGE",
      (_, response) => void response.writeHead(200, { "content-length": 2 ** 26 + 1 }).write("#"),
    ],
    ["UNREADABLE", status(302, { location: "http://127.0.0.1:1/elsewhere" })],
    ["HTTP_STATUS", status(404)],
    ["UNREADABLE", (request) => void request.socket.destroy()],
  ];

  it("keeps what it listed last, however it fails, and says so once for each kind of failure", async () => {
    const feed = await startFeed(text(`${listed}\n`));
    const { refresh, has, status: now, lines } = await start([feed.url], { timeoutMs: 30_000 });
    const loadedAt = now()[0]?.loadedAt;
    for (const [code, answer] of answers) {
      feed.answers(answer);
      await refresh();
      expect(now()).toMatchObject([{ state: "failed", failure: { code }, networks: 1, loadedAt }]);
      expect(has(listed), code).toBe(true);
    }
    const said = lines.length;
    await refresh();
    expect(lines).toHaveLength(said);
    feed.answers(text("198.51.100.1\n"));
    await refresh();
    expect(now()).toMatchObject([{ state: "loaded", networks: 1 }]);
    expect([has(listed), has("198.51.100.1")]).toEqual([false, true]);
    const levels = lines.map((line) => JSON.parse(line).level);
    expect(levels).toEqual(["info", ...answers.map(() => "warn"), "info"]);
  });

  it("lists after a restart what it listed before, until it is back", async () => {
    const dataDir = directory();
    const feed = await startFeed(text(`${listed}\n`));
    const first = await start([feed.url], { dataDir });
    const loadedAt = first.status()[0]?.loadedAt ?? 0;
    await first.close();
    feed.answers(status(503));
    const second = await start([feed.url], { dataDir });
    expect(second.has(listed)).toBe(true);
    expect(second.status()).toMatchObject([
      { state: "failed", networks: 1, failure: { code: "HTTP_STATUS" } },
    ]);
    expect(Math.abs((second.status()[0]?.loadedAt ?? 0) - loadedAt)).toBeLessThan(60_000);
    expect(second.lines.join()).toContain("what was loaded last stays in force");
    feed.answers(status(503));
    const back = await start([feed.url], { dataDir });
    expect(back.has(listed)).toBe(true);
    feed.answers(text("198.51.100.1\n"));
    await back.refresh();
    expect([back.has(listed), back.has("198.51.100.1")]).toEqual([false, true]);
    // One copy, and nothing beside it.
    expect(readdirSync(join(dataDir, "feeds"))).toEqual([expect.stringMatching(/^[\da-f]{32}\.list$/)]);
  });

  it("blocks no private network, no machine of ours, no proxy that is trusted, and nothing as wide as a /7", async () => {
    const lines = ["10.0.0.0/8", "127.0.0.1", "192.0.2.0/24", "198.51.100.0/23", "2.0.0.0/7", "::1", listed];
    const { has, status: now } = await start(
      [file(`${[...lines, "203.0.113.9", "203.0.113.10"].join("\n")}\n`)],
      {
        trustedProxies: ["192.0.2.0/24", "198.51.100.1"],
      },
    );
    const free = ["10.1.2.3", "127.0.0.1", "192.0.2.7", "198.51.100.1", "2.3.4.5", "::1"];
    expect(free.filter(has)).toEqual([]);
    expect([listed, "198.51.100.2"].map(has)).toEqual([true, true]);
    expect(now()).toMatchObject([{ state: "loaded", networks: 4, leftOut: 5 }]);
  });

  it("lets in no more of the world than anybody trusts", async () => {
    const wide = (count: number) => file([...Array(count)].map((_, i) => `${i + 20}.0.0.0/8`).join("\n"));
    for (const [count, allows] of [
      [4, true],
      [5, false],
    ] as const) {
      const { lists } = await start([], { feeds: { block: [], allow: [wide(count)], refreshMs: 0 } });
      expect(lists.allow?.has("20.1.2.3")).toBe(allows);
    }
  });

  it("does not keep a start waiting, and is in force as soon as it comes", async () => {
    const gate = Promise.withResolvers<void>();
    const feed = await startFeed((_, response) => void gate.promise.then(() => response.end(`${listed}\n`)));
    const { has, status: now } = await start([feed.url], { patienceMs: 50 });
    expect(now()).toMatchObject([{ state: "loading", networks: 0 }]);
    expect(has(listed)).toBe(false);
    gate.resolve();
    await expect.poll(() => has(listed)).toBe(true);
    expect(now()).toMatchObject([{ state: "loaded" }]);
  });

  it("from files is taken when it is replaced, on the schedule", async () => {
    const path = file(`${listed}\n`);
    const { has } = await start([path], { feeds: { block: [path], allow: [], refreshMs: 50 } });
    writeFileSync(`${path}.new`, "198.51.100.1\n");
    renameSync(`${path}.new`, path);
    await expect.poll(() => has("198.51.100.1")).toBe(true);
    expect(has(listed)).toBe(false);
  });
});
