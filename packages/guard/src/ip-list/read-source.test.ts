// A list that comes over https is not taken from http, where anybody on the way can write to it.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import { failureOf } from "./failure.ts";
import { openSource } from "./read-source.ts";
import { resolveSources } from "./source.ts";

/** Trusted by this process until the test is over. */
function trustedCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  const whose = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", ...kind, ...whose, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const before = getCACertificates("default");
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, readFileSync(cert, "utf8")]);
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

async function serve(listener: RequestListener, tls?: { key: string; cert: string }): Promise<string> {
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  await once(server, "listening");
  return `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(url: string, between = async () => {}): Promise<string> {
  const [source] = resolveSources([url]);
  if (!source) throw new Error("No source.");
  const opened = await openSource(source, undefined, { maxBytes: 1000, timeoutMs: 20_000 });
  if (opened === "unchanged") return opened;
  await between();
  let text = "";
  for await (const chunk of opened.chunks) text += Buffer.from(chunk).toString();
  return text;
}

it("is read whole though memory is collected before it begins: fetch ends the body of an answer that nobody holds", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const url = await serve((_, response) => {
    response.write("203.0.113.7\n");
    setImmediate(() => response.end("203.0.113.8\n"));
  });
  const between = async () => {
    for (let turn = 0; turn < 20; turn++) {
      collectGarbage();
      await nextTurn();
    }
  };
  expect(await read(url, between)).toBe("203.0.113.7\n203.0.113.8\n");
});

it("https may lead to https, and http to both; https does not lead to http", async () => {
  const tls = trustedCertificate();
  const plain = await serve((_, response) => response.end("203.0.113.7"));
  const secure = await serve(({ url }, response) => {
    if (url === "/plain") response.writeHead(302, { location: plain }).end();
    else if (url === "/there-and-back") response.writeHead(302, { location: upgrade }).end();
    else if (url === "/secure") response.writeHead(302, { location: "/" }).end();
    else response.end("203.0.113.8");
  }, tls);
  const upgrade = await serve((_, response) => response.writeHead(301, { location: secure }).end());

  expect(await read(`${secure}/secure`)).toBe("203.0.113.8");
  expect(await read(upgrade)).toBe("203.0.113.8");
  for (const path of ["plain", "there-and-back"]) {
    const refused = await read(`${secure}/${path}`).catch(failureOf);
    expect(refused, path).toMatchObject({ code: "INSECURE_REDIRECT" });
  }
});

it("a certificate that nobody vouches for is not trusted", async () => {
  const tls = trustedCertificate();
  setDefaultCACertificates([]);
  const secure = await serve((_, response) => response.end("203.0.113.8"), tls);
  expect(await read(secure).catch(failureOf)).toEqual({
    code: "UNREADABLE",
    detail: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
});

it("a file that takes too long is given up", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-ip-list-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "list");
  writeFileSync(path, "203.0.113.7\n".repeat(50_000));
  const [source] = resolveSources([path]);
  if (!source) throw new Error("No source.");
  const opened = await openSource(source, undefined, { maxBytes: 1_000_000, timeoutMs: 50 });
  if (opened === "unchanged") throw new Error("Nothing was known.");
  const reading = async () => {
    // Whoever reads waits until the time is over.
    for await (const _ of opened.chunks) await once(AbortSignal.timeout(60), "abort");
  };
  expect(await reading().catch(failureOf)).toMatchObject({ code: "TIMEOUT" });
});
