// One address has so many connections, a proxy that is trusted has as many as there are, and what says nothing is closed.

import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { limitConnections, timeLimits } from "./connections.ts";

const lines: object[] = [];
const logger = { warn: (fields: object) => void lines.push(fields) };

async function start(trustedProxies: readonly string[], limits = timeLimits) {
  lines.length = 0;
  const server = createServer(limits, (_, answer) => answer.end("{}"));
  limitConnections(server, { trustedProxies, maxPerAddress: 3, logger });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  /** Whether the server has closed it before it answered. */
  const open = async () => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const isAnswered = await Promise.race([
      once(socket, "data").then(() => true),
      new Promise((done) => socket.once("close", () => done(false))),
    ]);
    return { socket, isAnswered };
  };
  return { open, port };
}

it("the fourth connection of an address that may have three is closed, and one that ends makes room", async () => {
  const { open } = await start(["192.0.2.0/24"]);
  const three = [await open(), await open(), await open()];
  expect(three.map(({ isAnswered }) => isAnswered)).toEqual([true, true, true]);
  expect((await open()).isAnswered).toBe(false);
  expect((await open()).isAnswered).toBe(false);
  expect(lines).toEqual([{ closed: { ofOneAddress: 1, inAll: 0 } }]);
  three[0]?.socket.destroy();
  await expect.poll(async () => (await open()).isAnswered).toBe(true);
});

it.each([["127.0.0.1"], ["127.0.0.0/8"], ["::ffff:127.0.0.1"], ["::ffff:127.0.0.0/104"]])(
  "those of the proxy %s are not counted",
  async (proxy) => {
    const { open } = await start([proxy]);
    for (let i = 0; i < 5; i++) expect((await open()).isAnswered).toBe(true);
  },
);

it("who does not read an answer is closed after a while", async () => {
  const server = createServer((_, answer) => answer.end(Buffer.alloc(50_000_000)));
  limitConnections(server, { trustedProxies: [], maxSilenceMs: 200, logger });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [ofServer] = await once(server, "connection");
  await once(ofServer, "close");
});

it("who does not end his headers is answered with 408, and closed", async () => {
  const { port } = await start([], {
    headersTimeout: 100,
    requestTimeout: 200,
    connectionsCheckingInterval: 50,
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\n");
  expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 408 /);
  await once(socket, "close");
});
