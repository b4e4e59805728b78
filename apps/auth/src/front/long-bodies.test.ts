// Who sends long bodies slowly takes their places, and none of those who send short ones.

import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createLongBodies } from "./long-bodies.ts";

const long = "Content-Length: 8193";
const short = "Content-Length: 8192";
const unsaid = "Transfer-Encoding: chunked";

async function start(maxAtOnce: number) {
  const hasRoom = createLongBodies(maxAtOnce);
  let begun = 0;
  const server = createServer((incoming, outgoing) => {
    if (!hasRoom({ incoming, outgoing })) outgoing.end("no room");
    else if (incoming.url === "/early") outgoing.end("said before");
    else incoming.resume().once("end", () => outgoing.end("read"));
    begun++;
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends the head of a request, and waits until the server has it. */
  async function send(length: string, path = "/") {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (piece) => {
      text += piece;
    });
    const before = begun;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n`);
    await expect.poll(() => begun).toBe(before + 1);
    return { socket, text: () => text };
  }
  return { send };
}

it("so many long ones at a time, said or not, and any number of short ones", async () => {
  const { send } = await start(2);
  const first = await send(long);
  const second = await send(unsaid);
  for (const length of [long, unsaid]) await expect.poll((await send(length)).text).toContain("no room");
  for (let i = 0; i < 5; i++) expect((await send(short)).text()).toBe("");

  // One is read to its end, one goes away: both places are there again.
  first.socket.write("x".repeat(8_193));
  await expect.poll(first.text).toContain("read");
  second.socket.destroy();
  const isThere = async () => {
    const { socket, text } = await send(long);
    socket.write("x".repeat(8_193));
    await expect.poll(text).not.toBe("");
    return text().includes("read");
  };
  const third = await send(long);
  expect(third.text()).toBe("");
  await expect.poll(isThere).toBe(true);
});

it("an answer before the body is there, and a client that goes then, take no place for good", async () => {
  const { send } = await start(2);
  for (const length of [long, unsaid, long, unsaid]) {
    const { socket, text } = await send(length, "/early");
    await expect.poll(text).not.toBe("");
    expect(text()).toContain("said before");
    socket.destroy();
    await once(socket, "close");
  }
});
