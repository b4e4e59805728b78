// Mails as files: whole ones, that only their owner can read, and not without end.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createFileTransport } from "./file-transport.ts";
import { readMails } from "./test-mails.ts";

const from = { name: "Flux", address: "no-reply@localhost" };
const inTime = new AbortController().signal;
const mailAt = (minute: number) => ({
  ...{ id: `id-${minute}`, recipient: "ada@example.com", subject: `Minute ${minute}` },
  ...{ html: "<p>Hello</p>", text: "Hello\nhttp://localhost:3001/verify-email?token=x\n" },
  createdAt: Date.UTC(2026, 10, 24, 10, minute),
});

function start(maxFiles?: number) {
  const parent = mkdtempSync(join(tmpdir(), "flux-test-outbox-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, "outbox");
  return { directory, transport: createFileTransport({ directory, from, ...(maxFiles && { maxFiles }) }) };
}

it("writes a file that a mail program opens, and that nobody else can read", async () => {
  const { directory, transport } = start();
  await transport.send(mailAt(47), inTime);
  expect(readdirSync(directory)).toEqual(["20261124T104700000Z-id-47.eml"]);
  expect(statSync(join(directory, "20261124T104700000Z-id-47.eml")).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(await readMails(directory)).toMatchObject([
    {
      to: ["ada@example.com"],
      from: "no-reply@localhost",
      subject: "Minute 47",
      link: "http://localhost:3001/verify-email?token=x",
    },
  ]);
});

it("keeps the newest, and leaves other files alone", async () => {
  const { directory, transport } = start(2);
  await transport.send(mailAt(1), inTime);
  writeFileSync(join(directory, "0-note.txt"), "mine");
  for (const minute of [2, 3, 4]) await transport.send(mailAt(minute), inTime);
  expect((await readMails(directory)).map(({ subject }) => subject)).toEqual(["Minute 3", "Minute 4"]);
  expect(readFileSync(join(directory, "0-note.txt"), "utf8")).toBe("mine");
});

it("writes a mail that is tried again over itself", async () => {
  const { directory, transport } = start();
  await transport.send(mailAt(1), inTime);
  await transport.send(mailAt(1), inTime);
  expect(await readMails(directory)).toHaveLength(1);
});
