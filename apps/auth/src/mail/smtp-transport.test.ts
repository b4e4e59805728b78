// Delivery to a real SMTP server, and what is made of it when the server refuses, stalls or hangs up.

import { describe, expect, it, onTestFinished } from "vitest";
import { failureOf } from "./failure.ts";
import { parseSmtpUrl } from "./smtp-server.ts";
import { createSmtpTransport, type SmtpTransportOptions } from "./smtp-transport.ts";
import type { Answer } from "./test-mail-receiver.ts";
import { makeCertificate, startSmtpServer } from "./test-smtp-server.ts";
import type { OutgoingMail } from "./transport.ts";

const from = { name: "Flux, “Studio”", address: "no-reply@auth.example.com" };
const certificate = makeCertificate();
const inTime = () => new AbortController().signal;
const never = () => new Promise<Answer>(() => {});

const mail: OutgoingMail = {
  id: "0199b0c0-0000-7000-8000-000000000001",
  recipient: "ada@example.com",
  subject: "Confirm your e-mail address ✓",
  html: "<p>Grüße &amp; <a href=https://auth.example.com/>link</a></p>",
  text: "Grüße\n.\nhttps://auth.example.com/verify-email?token=abc=def",
  createdAt: Date.UTC(2026, 10, 24, 10, 47),
};

function transportTo(url: string, options: Partial<SmtpTransportOptions> = {}) {
  const server = parseSmtpUrl(url);
  if (!server) throw new Error(`${url} is no SMTP_URL.`);
  const transport = createSmtpTransport({ server, from, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

const failure = async (sending: Promise<void>) => sending.then(() => undefined, failureOf);

describe("a mail", () => {
  it("arrives as text and HTML, from and to the right addresses, marked as written by a program", async () => {
    const server = await startSmtpServer();
    await transportTo(server.url).send(mail, inTime());
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]).toMatchObject({
      envelope: { from: from.address, to: [mail.recipient] },
      to: [mail.recipient],
      from: from.address,
      subject: mail.subject,
      text: `${mail.text}\n`,
      html: `${mail.html}\n`,
      headers: {
        "auto-submitted": "auto-generated",
        "message-id": `<${mail.id}@auth.example.com>`,
        date: "Tue, 24 Nov 2026 10:47:00 +0000",
      },
    });
  });

  it("with line breaks where headers are has one recipient and no header of its author's", async () => {
    const server = await startSmtpServer();
    const subject = "Hello\r\nBcc: victim@example.com\r\n\r\nForged";
    await transportTo(server.url).send({ ...mail, subject }, inTime());
    expect(server.mails[0]?.envelope.to).toEqual([mail.recipient]);
    expect(server.mails[0]?.headers).not.toHaveProperty("bcc");
    expect(server.mails[0]?.text).toBe(`${mail.text}\n`);
  });

  it("goes to an address with letters beyond ASCII", async () => {
    const server = await startSmtpServer();
    await transportTo(server.url).send({ ...mail, recipient: "käthe@bücher.example" }, inTime());
    expect(server.mails[0]?.envelope.to).toEqual(["käthe@bücher.example"]);
  });

  it("follows another one on the same connection", async () => {
    const server = await startSmtpServer();
    const transport = transportTo(server.url);
    await transport.send(mail, inTime());
    await transport.send(mail, inTime());
    expect(server.mails).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });
});

describe("TLS", () => {
  it.each([
    ["from the first byte", "smtps:", { secure: true }],
    ["by STARTTLS", "smtp:", {}],
  ])("%s, with a certificate that is trusted", async (_when, protocol, options) => {
    const server = await startSmtpServer({ ...certificate, ...options, disabledCommands: ["AUTH"] });
    const transport = transportTo(`${protocol}//localhost:${server.port}?tls=required`, {
      authorities: [certificate.cert],
    });
    await transport.send(mail, inTime());
    expect(server.mails).toMatchObject([{ encrypted: true }]);
  });

  it.each([
    ["from the first byte", "smtps:", { secure: true }],
    ["by STARTTLS", "smtp:", {}],
  ])("%s, with a certificate that nobody knows: the mail waits", async (_when, protocol, options) => {
    const server = await startSmtpServer({ ...certificate, ...options, disabledCommands: ["AUTH"] });
    const transport = transportTo(`${protocol}//localhost:${server.port}?tls=required`);
    expect(await failure(transport.send(mail, inTime()))).toMatchObject({
      permanent: false,
      aboutTheMail: false,
      reason: expect.stringContaining("certificate"),
    });
    expect(server.mails).toEqual([]);
  });

  it("that the server does not offer, or somebody in between hides: neither mail nor password is said", async () => {
    let signIns = 0;
    const server = await startSmtpServer({
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => {
        signIns++;
        done(null, { user: "flux" });
      },
    });
    const transport = transportTo(`smtp://flux:hunter2@localhost:${server.port}?tls=required`);
    expect(await failure(transport.send(mail, inTime()))).toMatchObject({ aboutTheMail: false });
    expect([server.tries, signIns]).toEqual([[], 0]);
  });

  it("is used when the server has it, though not required, whatever its certificate", async () => {
    const server = await startSmtpServer({ ...certificate, disabledCommands: ["AUTH"] });
    await transportTo(`smtp://127.0.0.1:${server.port}`).send(mail, inTime());
    expect(server.mails).toMatchObject([{ encrypted: true }]);
  });
});

describe("signing in", () => {
  const withPassword = () =>
    startSmtpServer({
      ...certificate,
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === "flux" && password === "p@ss"
          ? done(null, { user: username })
          : done(new Error("Invalid username or password")),
    });

  it("is done with user and password", async () => {
    const server = await withPassword();
    await transportTo(`smtp://flux:p%40ss@127.0.0.1:${server.port}`).send(mail, inTime());
    expect(server.mails).toMatchObject([{ user: "flux", encrypted: true }]);
  });

  it("with a wrong password keeps the mail: it is our set-up that is wrong, and the password is not repeated", async () => {
    const server = await withPassword();
    const transport = transportTo(`smtp://flux:hunter2@127.0.0.1:${server.port}`);
    const failed = await failure(transport.send(mail, inTime()));
    expect(failed).toMatchObject({ permanent: false, aboutTheMail: false });
    expect(failed?.reason).toMatch(/^EAUTH: /);
    expect(failed?.reason).not.toContain("hunter2");
  });
});

describe("a server that", () => {
  const later = { code: 450, text: "Greylisted, try again" };
  const no = { code: 550, text: "No such user <ada@example.com>" };

  it.each([
    ["greylists the recipient", "recipient", later, { permanent: false, aboutTheMail: true }],
    ["has no such recipient", "recipient", no, { permanent: true, aboutTheMail: true }],
    [
      "finds the mail to be spam",
      "data",
      { code: 554, text: "Spam" },
      { permanent: true, aboutTheMail: true },
    ],
    ["has a full disk", "data", { code: 452, text: "Full" }, { permanent: false, aboutTheMail: true }],
    ["is too busy", "connect", { code: 421, text: "Too busy" }, { permanent: false, aboutTheMail: false }],
    [
      "serves others only",
      "connect",
      { code: 554, text: "Go away" },
      { permanent: false, aboutTheMail: false },
    ],
    ["hangs up before the recipient", "recipient", "hang up", { permanent: false, aboutTheMail: false }],
    ["hangs up in the middle of the mail", "data", "hang up", { permanent: false, aboutTheMail: false }],
  ] as const)("%s", async (_what, stage, answer, expected) => {
    const server = await startSmtpServer();
    server.behaviour[stage] = () => answer;
    expect(await failure(transportTo(server.url).send(mail, inTime()))).toMatchObject(expected);
    expect(server.mails).toEqual([]);
  });

  it.each([
    ["does not greet", "connect"],
    ["falls silent at the recipient", "recipient"],
    ["takes the mail and never says so", "data"],
  ] as const)("%s is left after a time", async (_what, stage) => {
    const server = await startSmtpServer();
    server.behaviour[stage] = never;
    const transport = transportTo(server.url, { greetingTimeoutMs: 100, socketTimeoutMs: 100 });
    const failed = await failure(transport.send(mail, inTime()));
    expect(failed).toMatchObject({ permanent: false, aboutTheMail: false });
  });

  it("is not there", async () => {
    const failed = await failure(transportTo("smtp://127.0.0.1:1").send(mail, inTime()));
    expect(failed).toMatchObject({ permanent: false, aboutTheMail: false });
    expect(failed?.reason).toContain("ECONNREFUSED");
  });

  it("quotes recipient and link in its answer: neither is kept in the reason", async () => {
    const server = await startSmtpServer();
    const token = "dGhpc0lzQVNlY3JldFRva2Vu";
    const text = `Bad link https://auth.example.com/reset?token=${token} for <ada@example.com>, see ${token}`;
    server.behaviour.data = () => ({ code: 554, text });
    const failed = await failure(transportTo(server.url).send(mail, inTime()));
    expect(failed?.reason).toContain("Bad link [link] for");
    expect(failed?.reason).not.toMatch(/ada@|dGhpc0/);
  });

  it("stalls while we are told to stop: the try ends at once", async () => {
    const server = await startSmtpServer();
    const stop = new AbortController();
    server.behaviour.data = () => {
      stop.abort();
      return never();
    };
    const sending = transportTo(server.url).send(mail, stop.signal);
    await expect(sending).rejects.toThrow();
  });
});
