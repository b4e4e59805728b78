// How SMTP_URL is read, and when TLS is required.

import { describe, expect, it } from "vitest";
import { parseSmtpUrl } from "./smtp-server.ts";

describe("SMTP_URL", () => {
  it.each([
    [
      "smtp://mail.example.com",
      { host: "mail.example.com", port: 587, implicitTls: false, tlsRequired: true },
    ],
    [
      "smtps://mail.example.com",
      { host: "mail.example.com", port: 465, implicitTls: true, tlsRequired: true },
    ],
    ["smtp://mail.example.com:25?tls=optional", { port: 25, tlsRequired: false }],
    ["smtp://localhost:1025", { host: "localhost", port: 1025, tlsRequired: false }],
    ["smtp://[::1]:1025", { host: "::1", tlsRequired: false }],
    ["smtp://127.0.0.1?tls=required", { tlsRequired: true }],
    ["smtp://localhost.example.com", { tlsRequired: true }],
    ["smtp://127.0.0.1.example.com", { tlsRequired: true }],
    [
      "smtp://flux%40example.com:p%40ss%2F@mail.example.com",
      { auth: { user: "flux@example.com", pass: "p@ss/" } },
    ],
    ["smtp://mail.example.com/", { auth: undefined }],
  ])("%s", (text, expected) => {
    expect(parseSmtpUrl(text)).toMatchObject(expected);
  });

  it.each([
    "mail.example.com",
    "https://mail.example.com",
    "smtp://",
    "smtp://mail.example.com/path",
    "smtp://mail.example.com#x",
    "smtp://mail.example.com?tls=no",
    "smtp://mail.example.com?tls=optional&tls=required",
    "smtp://mail.example.com?pool=true",
    "smtp://flux:%zz@mail.example.com",
    "smtp://mail.example.com:99999",
  ])("is not %s", (text) => {
    expect(parseSmtpUrl(text)).toBeUndefined();
  });
});
