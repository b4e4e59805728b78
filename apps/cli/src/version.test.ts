// `flux` says who it is, so that a server's log tells an operator from a script.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { version } from "./version.ts";

it("its requests have flux/VERSION as their user agent", async () => {
  const agents: unknown[] = [];
  const server = createServer((request, response) => {
    agents.push(request.headers["user-agent"]);
    response.end('{"decisions":[]}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const program = new URL("../bin/flux.mjs", import.meta.url).pathname;
  const env = { PATH: process.env.PATH, FLUX_URL: `http://127.0.0.1:${port}`, FLUX_TOKEN: "token" };
  await promisify(execFile)(process.execPath, [program, "decisions", "list"], { env });
  expect(agents).toEqual([`flux/${version()}`]);
});
