// The connection to Redis: what it sends, what it answers without a server, and what it never says.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { createClient } from "@redis/client";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { connectRedis } from "./connect-redis.ts";
import { toScript } from "./load-script.ts";
import type { RedisScript } from "./redis-connection.ts";

const url = process.env.FLUX_TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const errors: unknown[] = [];
const connection = connectRedis({ url, onError: (error) => errors.push(error) });
afterAll(() => connection.close());

const scriptOf = (body: string): RedisScript => toScript("test", `return function(KEYS, ARGV) ${body} end`);
const echo = scriptOf("return { KEYS[1], ARGV[1] }");

function opened(address: string) {
  const said: unknown[] = [];
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  const other = connectRedis({
    url: address,
    onError: (error) => {
      said.push(error);
      resolve();
    },
  });
  onTestFinished(() => other.close());
  return { other, said, failed };
}

describe("a connection", () => {
  it("answers each call in its place, and gives a script to a server that does not have it", async () => {
    await connection.ready;
    const call = (key: string) => ({ script: echo, keys: [key], args: [`${key}!`] });
    expect(await connection.run(["a", "b", "c"].map(call))).toEqual([
      ["a", "a!"],
      ["b", "b!"],
      ["c", "c!"],
    ]);
    const admin = await createClient({ url }).connect();
    await admin.sendCommand(["FUNCTION", "FLUSH"]);
    admin.destroy();
    expect(await connection.run([call("d")])).toEqual([["d", "d!"]]);
  });

  it("rejects with what the server says of a call, and goes on", async () => {
    const broken = scriptOf("return redis.error_reply('NOT today')");
    await expect(connection.run([{ script: broken, keys: ["a"], args: [] }])).rejects.toThrow("NOT today");
    expect(await connection.run([{ script: echo, keys: ["a"], args: ["1"] }])).toEqual([["a", "1"]]);
  });

  it("hands on what is published, and tells when the subscription stands", async () => {
    const channel = randomBytes(6).toString("hex");
    const { promise: open, resolve: onOpen } = Promise.withResolvers<void>();
    const { promise: message, resolve: onMessage } = Promise.withResolvers<string>();
    await connection.subscribe(channel, { onOpen, onMessage });
    await open;
    const publish = scriptOf("return redis.call('PUBLISH', ARGV[1], 'hello')");
    expect(await connection.run([{ script: publish, keys: ["a"], args: [channel] }])).toEqual([1]);
    expect(await message).toBe("hello");
  });

  it("rejects at once where nothing listens, and says why", async () => {
    const proxy = createServer();
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as { port: number };
    proxy.close();
    await once(proxy, "close");
    const { other, said, failed } = opened(`redis://127.0.0.1:${port}`);
    await expect(other.run([{ script: echo, keys: ["a"], args: [] }])).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    await failed;
    expect(String(said[0])).toContain("ECONNREFUSED");
  });

  it("says that the password is wrong, and not which it was", async () => {
    const wrong = new URL(url);
    wrong.password = "not-the-password";
    const { said, failed } = opened(wrong.href);
    await failed;
    expect(String(said[0])).toMatch(/WRONGPASS|invalid password/);
    expect(JSON.stringify(said.map(String))).not.toContain("not-the-password");
  });

  it.skipIf(!hasIpv6).each([1, 2])("finds a server by its IPv6 address, %i of them named", async (count) => {
    const server = createServer((socket) => socket.on("error", () => {}));
    onTestFinished(() => void server.close());
    const asked = once(server, "connection");
    server.listen(0, "::1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    opened(Array.from({ length: count }, () => `redis://[::1]:${port}`).join());
    await asked;
  });

  it.each([
    "",
    "localhost",
    "http://:secret@localhost",
    "redis://",
    "redis://:secret@a:1,",
    "redis://:secret@a:1/2,redis://b:1",
    "redis://:secret@a:1/two",
  ])("refuses the address %j without repeating it", (address) => {
    const connecting = () => connectRedis({ url: address, onError: () => {} });
    expect(connecting).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
    expect(connecting).not.toThrow(/secret/);
  });
});
