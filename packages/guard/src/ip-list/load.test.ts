// What is wrong with a file or a server takes away neither what was listed of it, nor the other sources.

import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Tables } from "./gatherer.ts";
import { type LoadedSource, load } from "./load.ts";
import { createIpMatcher, type IpMatcher } from "./matcher.ts";
import type { IpListRules } from "./options.ts";
import type { ReadLimits } from "./read-source.ts";
import { type IpListSource, resolveSources, type Validators } from "./source.ts";

type Limits = Partial<ReadLimits> & Partial<IpListRules>;

/** Loads again and again, as `createIpList` does in a thread of its own. */
function loader(
  given: readonly (string | IpListSource)[],
  { maxBytes = 2 ** 20, timeoutMs = 20_000, ...rules }: Limits,
) {
  const sources = resolveSources(given);
  let before: { tables: Tables; validators: (Validators | undefined)[] } | undefined;
  return async (): Promise<{ list: IpMatcher; outcomes: string[] }> => {
    const job = {
      sources,
      rules: { purpose: "blocklist", ...rules },
      limits: { maxBytes, timeoutMs },
    } as const;
    const result = await load({ ...job, ...(before && { before }) });
    const tables = result.tables ?? before?.tables;
    if (!tables) throw new Error("Nothing was loaded.");
    const validators = result.sources.map((one, i) =>
      one.outcome === "loaded" ? one.validators : before?.validators[i],
    );
    before = { tables, validators };
    const names = sources.map(({ name }) => name);
    return { list: createIpMatcher(tables, names), outcomes: result.sources.map(outcomeOf) };
  };
}

const outcomeOf = (one: LoadedSource): string => (one.outcome === "failed" ? one.failure.code : one.outcome);

describe("files", () => {
  it("a list of unused addresses, most of them private, is a list; what is private stays out of it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, "bogons");
    writeFileSync(
      path,
      "10.0.0.0/8\n127.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16\n198.51.100.0/24\n224.0.0.0/4\n",
    );
    const { list, outcomes } = await loader([path], {})();
    expect(outcomes).toEqual(["loaded"]);
    expect(["198.51.100.7", "10.0.0.1", "192.168.1.1", "224.0.0.1"].map(list.has)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  const replaceByDirectory = (path: string) => {
    rmSync(path);
    mkdirSync(path);
  };

  it.each<[what: string, write: (path: string) => void, code: string, limits?: Limits]>([
    ["is gone", (path) => rmSync(path), "UNREADABLE"],
    ["is a directory", replaceByDirectory, "UNREADABLE"],
    ["is empty", (path) => writeFileSync(path, ""), "EMPTY"],
    ["has only comments", (path) => writeFileSync(path, "# nothing\n"), "EMPTY"],
    ["has only what is exempt", (path) => writeFileSync(path, "10.0.0.0/8\nfd00:1::/32\n"), "EMPTY"],
    ["is something else", (path) => writeFileSync(path, "<html>\n<p>\n192.0.2.1\n"), "NOT_A_LIST"],
    ["is packed", (path) => writeFileSync(path, gzipSync("192.0.2.1\n")), "NOT_A_LIST"],
    ["is JSON without its end", (path) => writeFileSync(path, '["192.0.2.1", "192.0.'), "NOT_A_LIST"],
    ["is too large", (path) => writeFileSync(path, "192.0.2.1\n".repeat(30)), "TOO_LARGE", { maxBytes: 200 }],
    // Two are kept for the other source.
    [
      "is too long",
      (path) => writeFileSync(path, "192.0.2.1\n192.0.2.2"),
      "TOO_MANY_ENTRIES",
      { maxEntries: 3 },
    ],
    [
      "is too wide",
      (path) => writeFileSync(path, "64.0.0.0/8\n65.0.0.0/8"),
      "TOO_WIDE",
      { largestShare: 0.005 },
    ],
  ])("a file that %s", async (_, write, code, limits = {}) => {
    const dir = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const [one, two] = [join(dir, "one"), join(dir, "two")];
    writeFileSync(one, "203.0.113.7\n");
    writeFileSync(two, "198.51.100.1\n198.51.100.2\n");
    const next = loader([one, two], limits);
    expect((await next()).outcomes).toEqual(["loaded", "loaded"]);
    write(one);
    writeFileSync(two, "198.51.100.1\n198.51.100.22\n");
    for (const outcome of ["loaded", "unchanged"]) {
      const { list, outcomes } = await next();
      expect(outcomes).toEqual([code, outcome]);
      const listed = ["203.0.113.7", "192.0.2.1", "198.51.100.2", "198.51.100.22"].map(list.has);
      expect(listed).toEqual([true, false, false, true]);
      expect(list.match("203.0.113.7")).toEqual({ prefix: "203.0.113.7/32", source: "one", line: 1 });
      expect(list.size).toBe(3);
    }
  });

  it("what may be empty, and is, lists nothing any more", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const from = join(dir, "one");
    writeFileSync(from, "203.0.113.7\n");
    const next = loader([{ from, mayBeEmpty: true }], {});
    expect((await next()).list.size).toBe(1);
    writeFileSync(from, "# nobody any more\n");
    const { list, outcomes } = await next();
    expect([outcomes, list.size, list.has("203.0.113.7")]).toEqual([["loaded"], 0, false]);
  });
});

describe("servers", () => {
  const good: RequestListener = (_, response) => response.end("203.0.113.7\n");

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    });
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const sendWithoutEnd: RequestListener = (_, response) => {
    const more = () => {
      while (response.write("192.0.2.1\n".repeat(100)));
    };
    response.on("drain", more);
    more();
  };
  const breakOff =
    (headers: Record<string, string>): RequestListener =>
    (_, response) => {
      response.writeHead(200, headers);
      response.write("192.0.2.1\n", () => response.destroy());
    };
  const answer =
    (status: number, headers = {}, body?: string | Buffer): RequestListener =>
    (_, response) =>
      response.writeHead(status, headers).end(body);
  const bomb = gzipSync("192.0.2.1\n".repeat(100_000));

  it.each<[what: string, listener: RequestListener, code: string, limits?: Limits]>([
    ["fails", answer(500, {}, "192.0.2.1"), "HTTP_STATUS"],
    ["wants a password", answer(401, {}, "192.0.2.1"), "HTTP_STATUS"],
    ["says unchanged though nobody asked", answer(304), "HTTP_STATUS"],
    ["says nothing", answer(204), "HTTP_STATUS"],
    ["sends another page", answer(200, {}, "<html>\n<p>down</p>\n</html>\n"), "NOT_A_LIST"],
    ["sends nothing", answer(200), "EMPTY"],
    ["breaks off before the length that it named", breakOff({ "content-length": "1000" }), "UNREADABLE"],
    ["breaks off between two pieces", breakOff({}), "UNREADABLE"],
    ["hangs up", ({ socket }) => socket.destroy(), "UNREADABLE"],
    ["leads round in circles", answer(302, { location: "/" }), "UNREADABLE"],
    ["leads elsewhere", answer(302, { location: "file:///etc/hosts" }), "UNREADABLE"],
    [
      "names too great a length",
      answer(200, { "content-length": "5000" }, "1".repeat(5000)),
      "TOO_LARGE",
      { maxBytes: 1000 },
    ],
    ["sends without end", sendWithoutEnd, "TOO_LARGE", { maxBytes: 100_000 }],
    [
      "sends little that becomes much",
      answer(200, { "content-encoding": "gzip" }, bomb),
      "TOO_LARGE",
      { maxBytes: 100_000 },
    ],
    ["never answers", () => undefined, "TIMEOUT", { timeoutMs: 300 }],
    ["never ends", (_, response) => void response.write("192.0.2.1\n"), "TIMEOUT", { timeoutMs: 300 }],
  ])("a server that %s", async (_, listener, code, limits = {}) => {
    let isBad = false;
    const url = await serve((request, response) => (isBad ? listener : good)(request, response));
    const next = loader([url], limits);
    expect((await next()).outcomes).toEqual(["loaded"]);
    isBad = true;
    const { list, outcomes } = await next();
    expect(outcomes).toEqual([code]);
    expect(["203.0.113.7", "192.0.2.1"].map(list.has)).toEqual([true, false]);
    isBad = false;
    expect((await next()).outcomes).toEqual(["loaded"]);
  });

  it("a list may be packed, sent in pieces, and be somewhere else", async () => {
    const packed = gzipSync(`${"203.0.113.7\n".repeat(1000)}198.51.100.0/24`);
    const url = await serve(({ url }, response) => {
      if (url === "/") {
        response.writeHead(302, { location: "/moved" }).end();
        return;
      }
      response.setHeader("content-encoding", "gzip").write(packed.subarray(0, 40));
      response.end(packed.subarray(40));
    });
    const { list } = await loader([url], {})();
    expect([list.size, list.has("198.51.100.200")]).toEqual([2, true]);
  });
});
