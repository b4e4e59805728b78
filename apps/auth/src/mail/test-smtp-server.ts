// A real SMTP server for one test, and a certificate for it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { type MailReceiver, startMailReceiver } from "./test-mail-receiver.ts";

/** @param options as `startMailReceiver` takes them @returns closed after the test */
export async function startSmtpServer(options?: SMTPServerOptions): Promise<MailReceiver> {
  const server = await startMailReceiver(options);
  onTestFinished(() => server.close());
  return server;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for `localhost` that nobody has signed, made by openssl. */
export function makeCertificate(): Certificate {
  const directory = mkdtempSync(join(tmpdir(), "flux-test-certificate-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  try {
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const whose = ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    execFileSync("openssl", ["req", ...kind, ...whose, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
