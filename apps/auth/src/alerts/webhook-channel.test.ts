// Webhooks to a real receiver: signed as Standard Webhooks says, bounded, and not led anywhere else.

import { expect, it } from "vitest";
import { createBodies } from "./alert-body.ts";
import { DeliveryError } from "./channel.ts";
import { testKey } from "./test-alerts.ts";
import { startReceiver } from "./test-receiver.ts";
import { createWebhookChannel } from "./webhook-channel.ts";
import { readWebhookSecret, webhookHeaders } from "./webhook-signature.ts";

const at = Date.UTC(2026, 10, 24, 10, 47);
const body = createBodies({ publicUrl: "https://auth.example.com", summaryOf: () => undefined }).test(at);
const inTime = () => new AbortController().signal;

async function start() {
  const receiver = await startReceiver();
  const channel = createWebhookChannel({ url: receiver.url, key: testKey, severity: "low" });
  const send = (id = "delivery-1") => channel.send({ id, body, at }, inTime());
  const failure = () =>
    send().then(
      () => undefined,
      (error: unknown) => error,
    );
  return { receiver, channel, send, failure };
}

it("the signature is the one that the libraries of Standard Webhooks are tested with", () => {
  const key = readWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") as Buffer;
  const signed = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330_000, body: '{"test": 2432232314}' };
  expect(webhookHeaders(key, signed)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("each try has the same id and key, and a signature of its own time", async () => {
  const { receiver, channel } = await start();
  await channel.send({ id: "delivery-1", body, at }, inTime());
  await channel.send({ id: "delivery-1", body, at: at + 60_000 }, inTime());
  const [first, second] = receiver.requests;
  for (const request of [first, second]) {
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": "delivery-1",
      "idempotency-key": "delivery-1",
    });
    const sentAt = Number(request?.headers["webhook-timestamp"]) * 1000;
    expect(request?.headers).toMatchObject(
      webhookHeaders(testKey, { id: "delivery-1", at: sentAt, body: request?.source ?? "" }),
    );
  }
  expect(first?.headers["webhook-signature"]).not.toBe(second?.headers["webhook-signature"]);
  expect(first?.source).toBe(second?.source);
});

it("a redirect is not followed, and told", async () => {
  const { receiver, failure } = await start();
  const elsewhere = await startReceiver();
  receiver.answer = (response) => void response.writeHead(307, { location: elsewhere.url }).end();
  expect(await failure()).toMatchObject({
    message: expect.stringMatching(/^it answered 307 and leads to 127\.0\.0\.1:\d+,/),
  });
  expect(elsewhere.requests).toEqual([]);
});

it("of a refusal the beginning is told, without what may be a secret; the rest is not read", async () => {
  const { receiver, failure } = await start();
  let written = 0;
  receiver.answer = (response) => {
    response.writeHead(403);
    response.write(`wrong\r\n\u202Esignature ${"k".repeat(64)} `);
    const more = setInterval(() => (written += response.write("x ".repeat(50_000)) ? 1 : 0), 5);
    response.on("close", () => clearInterval(more));
  };
  const error = await failure();
  expect(error).toBeInstanceOf(DeliveryError);
  expect((error as Error).message).toMatch(/^it answered 403: wrong signature \[…\] x x/);
  expect((error as Error).message.length).toBeLessThan(260);
  expect(written).toBeLessThan(100);
});

it("an answer that asks to wait is heeded, up to an hour", async () => {
  const { receiver, failure } = await start();
  const waits: unknown[] = [];
  for (const wait of ["120", "999999", new Date(at + 90_000).toUTCString(), "soon"]) {
    receiver.answer = (response) => void response.writeHead(429, { "retry-after": wait }).end();
    waits.push(((await failure()) as DeliveryError).retryAfterMs);
  }
  expect(waits).toEqual([120_000, 3_600_000, 90_000, 0]);
});

it("a receiver that is away, hangs up or never answers is told in a few words, without the path of its address", async () => {
  const { receiver, failure, channel } = await start();
  receiver.answer = (response) => void response.destroy();
  const hungUp = (await failure()) as Error;
  expect(hungUp).toBeInstanceOf(DeliveryError);
  expect(hungUp.message).not.toContain("/alerts");
  receiver.answer = () => {};
  const stopped = channel
    .send({ id: "delivery-1", body, at }, AbortSignal.timeout(50))
    .catch((error) => error);
  expect(await stopped).toBeInstanceOf(DeliveryError);
  const away = createWebhookChannel({ url: "http://127.0.0.1:1/secret-path", key: testKey, severity: "low" });
  const refused = await away.send({ id: "1", body, at }, inTime()).catch((error) => error);
  expect(refused).toMatchObject({ message: expect.not.stringContaining("secret-path") });
});
