// Lists from files and servers: what is loaded, what is kept when a source fails, and what is said about it.

import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIpList, type IpListOptions, type RefreshReport } from "./ip-list.ts";

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function build(sources: IpListOptions["sources"], more: Partial<IpListOptions> = {}) {
  const reports: RefreshReport[] = [];
  const onRefresh = (report: RefreshReport) => void reports.push(report);
  const list = await createIpList({ purpose: "blocklist", sources, refreshMs: 0, onRefresh, ...more });
  onTestFinished(() => list.close());
  return { list, reports };
}

const outcomes = ({ sources }: RefreshReport) =>
  sources.map(({ source, outcome, failure }) => `${source} ${failure?.code ?? outcome}`);

describe("files", () => {
  it("text, what ipset saves and JSON are told apart by themselves, and a match names its source and line", async () => {
    const dir = directory();
    const netset = "create x hash:net family inet\nadd x 198.51.100.0/24\n";
    const json = JSON.stringify({
      prefixes: [{ ip_prefix: "192.0.2.0/25" }, { ip_prefix: "192.0.2.128/25" }],
    });
    writeFileSync(join(dir, "own.txt"), "# ours\r\n203.0.113.7\r\n\r\n2001:db8::5/32\r\nexample.com\r\n");
    writeFileSync(join(dir, "saved.netset"), netset);
    writeFileSync(join(dir, "cloud.json"), json);
    const sources = ["own.txt", "saved.netset", { from: join(dir, "cloud.json"), name: "the cloud" }];
    const { list, reports } = await build(
      sources.map((source) => (typeof source === "string" ? join(dir, source) : source)),
      { now: () => 1000 },
    );
    expect(list.size).toBe(5);
    expect(list.match("2001:db8::1")).toEqual({ prefix: "2001:db8::/32", source: "own.txt", line: 4 });
    expect(list.match("198.51.100.9")).toEqual({
      prefix: "198.51.100.0/24",
      source: "saved.netset",
      line: 2,
    });
    expect(list.match("192.0.2.200")).toEqual({ prefix: "192.0.2.128/25", source: "the cloud", line: 2 });
    expect(list.has("203.0.113.8")).toBe(false);
    expect(reports).toEqual([list.report()]);
    expect(list.report()).toMatchObject({
      at: 1000,
      size: 5,
      // Four IPv4 networks of 13 bytes, one IPv6 of 25, the index of the one and the trie of the other.
      bytes: 4 * 13 + 25 + 3 * 4 + (8 + 3) * 4,
      sources: [
        {
          source: "own.txt",
          outcome: "loaded",
          loadedAt: 1000,
          counts: {
            lines: 5,
            entries: 2,
            hostBits: 1,
            problemCount: 1,
            problems: [{ line: 5, code: "NOT_AN_ADDRESS", text: "example.com" }],
          },
        },
        { source: "saved.netset", outcome: "loaded" },
        { source: "the cloud", outcome: "loaded" },
      ],
    });
  });

  it("a network of two sources is the first one's, and its duplicates within one are counted", async () => {
    const dir = directory();
    writeFileSync(join(dir, "one"), "203.0.113.0/24\n203.0.113.5/24\n203.0.113.0-203.0.113.255\n");
    writeFileSync(join(dir, "two"), "203.0.113.0/24\n203.0.113.7\n");
    const { list } = await build([join(dir, "one"), join(dir, "two")]);
    expect(list.match("203.0.113.8")).toMatchObject({ source: "one", line: 1 });
    expect(list.match("203.0.113.7")).toMatchObject({ source: "two", line: 2 });
    expect(list.size).toBe(3);
    expect(list.report().sources.map(({ counts }) => [counts?.entries, counts?.duplicates])).toEqual([
      [1, 2],
      [2, 0],
    ]);
  });

  it("only what has changed is read again, and the others stay", async () => {
    const dir = directory();
    const [one, two] = [join(dir, "one"), join(dir, "two")];
    // Wide, so that it has a hole where the private networks are.
    writeFileSync(one, "172.0.0.0/8\n");
    writeFileSync(two, "203.0.113.7\n");
    const { list } = await build([one, two]);
    expect(outcomes(await list.refresh())).toEqual(["one unchanged", "two unchanged"]);
    writeFileSync(two, "203.0.113.88\n");
    expect(outcomes(await list.refresh())).toEqual(["one unchanged", "two loaded"]);
    expect(["172.15.0.1", "172.16.0.1", "203.0.113.7", "203.0.113.88"].map(list.has)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(list.size).toBe(2);
    // As a program does that writes beside the file and renames.
    writeFileSync(`${two}.new`, "203.0.113.99\n");
    utimesSync(`${two}.new`, 1, 1);
    renameSync(`${two}.new`, two);
    expect(outcomes(await list.refresh())).toEqual(["one unchanged", "two loaded"]);
    expect(list.match("203.0.113.99")).toMatchObject({ source: "two", line: 1 });
  });

  it("a source that fails at first is listed when it can be read; what was wrong with it is told", async () => {
    const path = join(directory(), "one");
    writeFileSync(path, "nonsense\n");
    const { list } = await build([path]);
    expect(list.report()).toMatchObject({
      size: 0,
      sources: [
        {
          outcome: "failed",
          failure: { code: "NOT_A_LIST", detail: expect.stringMatching(/bad/) },
          counts: { problems: [{ line: 1, code: "NOT_AN_ADDRESS", text: "nonsense" }] },
        },
      ],
    });
    writeFileSync(path, "203.0.113.7\n");
    await list.refresh();
    expect(list.has("203.0.113.7")).toBe(true);
  });

  it("a source that may be empty empties its part of the list", async () => {
    const path = join(directory(), "one");
    writeFileSync(path, "203.0.113.7\n");
    const { list } = await build([{ from: path, mayBeEmpty: true }]);
    writeFileSync(path, "# nobody any more\n");
    expect(outcomes(await list.refresh())).toEqual(["one loaded"]);
    expect([list.size, list.has("203.0.113.7")]).toEqual([0, false]);
  });
});

describe("servers", () => {
  const listed = "203.0.113.7\n";

  it("a list is asked for again only if it has changed, and what stays is not sent twice", async () => {
    const asked: unknown[] = [];
    const url = await serve(({ headers, url = "" }, response) => {
      const { "if-none-match": etag, "if-modified-since": since } = headers;
      asked.push([url, etag, since]);
      expect(headers["accept-encoding"]).toBe("identity");
      if (etag ?? since) response.writeHead(304).end();
      else if (url === "/etag") response.setHeader("etag", '"1"').end(listed);
      else response.setHeader("last-modified", "Mon, 23 Nov 2026 10:00:00 GMT").end("198.51.100.0/24");
    });
    const { list } = await build([`${url}/etag`, `${url}/date?key=secret`]);
    const host = new URL(url).host;
    expect(outcomes(list.report())).toEqual([`${host}/etag loaded`, `${host}/date loaded`]);
    expect(outcomes(await list.refresh())).toEqual([`${host}/etag unchanged`, `${host}/date unchanged`]);
    expect(asked).toEqual([
      ["/etag", undefined, undefined],
      ["/date?key=secret", undefined, undefined],
      ["/etag", '"1"', undefined],
      ["/date?key=secret", undefined, "Mon, 23 Nov 2026 10:00:00 GMT"],
    ]);
    expect(list.match("203.0.113.7")).toMatchObject({ source: `${host}/etag` });
    expect(list.has("198.51.100.7")).toBe(true);
  });

  it("a port where nobody listens is no mistake of the application's", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    const { list } = await build([`http://127.0.0.1:${port}/x`]);
    expect(list.report().sources[0]?.failure).toEqual({
      code: "UNREADABLE",
      detail: "ECONNREFUSED, connection refused",
    });
  });
});

describe("refreshing", () => {
  it("happens by itself", async () => {
    const path = join(directory(), "one");
    writeFileSync(path, "203.0.113.7\n");
    let told: (report: RefreshReport) => void = () => undefined;
    const { list } = await build([path], { refreshMs: 20, onRefresh: (report) => told(report) });
    writeFileSync(path, "203.0.113.7\n203.0.113.8\n");
    await new Promise<void>((loaded) => {
      told = ({ size }) => size === 2 && loaded();
    });
    expect(list.has("203.0.113.8")).toBe(true);
  });

  it("is done once for all who ask at the same time", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.end("203.0.113.7\n");
    });
    const { list, reports } = await build([url]);
    const [one, other] = await Promise.all([list.refresh(), list.refresh()]);
    expect(one).toBe(other);
    expect([requests, reports.length]).toEqual([2, 2]);
  });

  it("ends when the list is closed, also in its midst, and what is in force can still be asked", async () => {
    let asked: () => void = () => undefined;
    let isFirst = true;
    const url = await serve((_, response) => {
      if (isFirst) response.end("203.0.113.7\n");
      else asked();
      isFirst = false;
    });
    const { list, reports } = await build([url]);
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const refreshed = list.refresh();
    await underWay;
    await list.close();
    expect(await refreshed).toBe(reports[0]);
    expect(await list.refresh()).toBe(reports[0]);
    expect(reports).toHaveLength(1);
    expect(list.has("203.0.113.7")).toBe(true);
    await list.close();
  });
});

it.each([
  [{ sources: [] }, /1 to 64/],
  [{ sources: new Array(65).fill("x") }, /1 to 64/],
  [{ sources: ["ftp://example.com/list"] }, /neither a path nor/],
  [{ sources: [""] }, /neither a path nor/],
  [{ sources: ["http://"] }, /cannot be read/],
  [{ sources: ["https://user:secret@example.com/"] }, /password/],
  [{ sources: ["a/list", "b/list"] }, /two are called list/],
  [{ purpose: undefined }, /purpose/],
  [{ refreshMs: -1 }, /refreshMs/],
  [{ timeoutMs: 0 }, /timeoutMs/],
  [{ maxBytes: 1e12 }, /maxBytes/],
  [{ onRefresh: undefined }, /onRefresh/],
])("%j is refused", async (more, message) => {
  const options = { purpose: "blocklist", sources: ["x"], onRefresh: () => undefined, ...more };
  await expect(createIpList(options as IpListOptions)).rejects.toMatchObject({
    code: "INVALID_OPTIONS",
    message: expect.stringMatching(message),
  });
});

describe("what is kept for the next start", () => {
  const status =
    (code: number): RequestListener =>
    (_, response) =>
      void response.writeHead(code).end("198.51.100.0/24\n");

  it("is what a URL listed last, under the rules of who reads it, and in place of nothing that is in force", async () => {
    const keepIn = join(directory(), "feeds");
    let code = 200;
    const url = await serve((request, response) => status(code)(request, response));
    expect((await build([url], { keepIn })).list.has("198.51.100.7")).toBe(true);
    code = 500;
    const { list } = await build([url], { keepIn });
    expect(list.report()).toMatchObject({
      size: 1,
      sources: [{ outcome: "failed", failure: { code: "HTTP_STATUS" }, counts: { entries: 1 } }],
    });
    expect(list.match("198.51.100.7")).toMatchObject({ prefix: "198.51.100.0/24", line: 1 });
    const strict = await build([url], { keepIn, exempt: ["198.51.100.0/24"] });
    expect(strict.list.has("198.51.100.7")).toBe(false);
    expect((await build([url])).list.has("198.51.100.7")).toBe(false);
  });

  it("is said to be nothing when it cannot be written; the list is in force all the same", async () => {
    const keepIn = join(directory(), "a file");
    writeFileSync(keepIn, "");
    const { list } = await build([await serve(status(200))], { keepIn });
    expect(list.report().sources).toMatchObject([{ outcome: "loaded", notKept: "EEXIST" }]);
    expect(list.has("198.51.100.7")).toBe(true);
  });
});
