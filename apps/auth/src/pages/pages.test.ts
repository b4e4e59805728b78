// The pages as a browser gets them: where they are, what may be kept for how long, and what the headers forbid.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPages } from "./pages.ts";
import { securityHeaders } from "./security-headers.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "flux-pages-"));
  mkdirSync(join(directory, "assets"));
  writeFileSync(join(directory, "index.html"), "<!doctype html><style>p{color:red}</style><p>the app");
  writeFileSync(join(directory, "assets/main-1a2b.js"), "plain");
  writeFileSync(join(directory, "assets/main-1a2b.js.br"), "brotli");
  writeFileSync(join(directory, "assets/main-1a2b.js.gz"), "gzip");
});
afterEach(() => rmSync(directory, { recursive: true }));

const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function start(publicUrl = "http://localhost:3001") {
  const pages = createPages(directory);
  const app = new Hono();
  app.use(securityHeaders(publicUrl));
  app.route("/", pages.routes);
  app.notFound((c) => pages.notFound(c) ?? c.json({ code: "NOT_FOUND" }, 404));
  return (path: string, headers: Record<string, string> = browser, method = "GET") =>
    app.request(path, { method, headers });
}

describe("a page", () => {
  it.each(["/", "/sign-in", "/account/devices"])(
    "is the app at %s, asked for anew each time",
    async (path) => {
      const answer = await start()(path);
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache"]);
      expect(await answer.text()).toContain("the app");
    },
  );

  it("is there at the address of a mail, whatever its token is", async () => {
    expect((await start()("/reset-password?token=a%2Fb..%00")).status).toBe(200);
  });

  it("is a 404 and still a page for a person who went astray", async () => {
    const answer = await start()("/no/such/page");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("the app");
  });

  it.each([
    ["/no-such-page", "application/json", "GET"],
    ["/api/nothing", browser.accept, "GET"],
    ["/assets/nothing.js", browser.accept, "GET"],
    ["/no-such-page", browser.accept, "POST"],
  ])("is not what %s answers to Accept: %s and %s", async (path, accept, method) => {
    const answer = await start()(path, { accept }, method);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: "NOT_FOUND" }),
    ]);
  });
});

describe("a built file", () => {
  it.each([
    ["gzip, deflate, br, zstd", "br", "brotli"],
    ["gzip", "gzip", "gzip"],
    ["identity", null, "plain"],
  ])("comes compressed as Accept-Encoding: %s allows, for ever", async (accept, encoding, text) => {
    const answer = await start()("/assets/main-1a2b.js", { "accept-encoding": accept });
    expect(answer.headers.get("content-encoding")).toBe(encoding);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(await answer.text()).toBe(text);
  });

  it.each(["/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/index.html"])(
    "is only what lies in the directory of files: %s is not",
    async (path) => {
      writeFileSync(join(directory, "assets/kept"), "");
      expect((await start()(path, {})).status).toBe(404);
    },
  );
});

describe("the headers", () => {
  it("let a page run its own files and nothing else, in no frame", async () => {
    const { headers } = await start()("/sign-in");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
    const hash = createHash("sha256").update("p{color:red}").digest("base64");
    expect(policy).toContain(`style-src 'self' 'sha256-${hash}';`);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("permissions-policy")).toContain("publickey-credentials-get=(self)");
  });

  it("let what is no page show nothing at all", async () => {
    const { headers } = await start()("/api/nothing");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  it("follow pages that are built anew", async () => {
    const ask = start();
    await ask("/sign-in");
    writeFileSync(join(directory, "index.html"), "<style>p{color:blue}</style>");
    utimesSync(join(directory, "index.html"), 1_000, 1_000);
    const hash = createHash("sha256").update("p{color:blue}").digest("base64");
    const { headers } = await ask("/no/such/page");
    expect(headers.get("content-security-policy")).toContain(`'sha256-${hash}'`);
  });

  it("promise https only where there is https", async () => {
    expect((await start()("/sign-in")).headers.get("strict-transport-security")).toBeNull();
    const secure = await start("https://auth.example.com")("/sign-in");
    expect(secure.headers.get("strict-transport-security")).toBe("max-age=31536000");
  });
});
