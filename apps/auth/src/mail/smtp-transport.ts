// Hands mails to an SMTP server.

import { onceLoaded } from "../once-loaded.ts";
import type { MailAddress } from "./address.ts";
import type { SmtpServer } from "./smtp-server.ts";
import { type MailTransport, toMimeMessage } from "./transport.ts";

export interface SmtpTransportOptions {
  readonly server: SmtpServer;
  readonly from: MailAddress;
  /** Certificates in PEM of those who may sign the server's. @default whom the runtime trusts */
  readonly authorities?: readonly string[];
  /** @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** Some servers let clients wait for the greeting, as programs that send spam do not. @default 30_000 */
  readonly greetingTimeoutMs?: number;
  /** Silence in the middle; a server may look into a mail before it says that it took it. @default 120_000 */
  readonly socketTimeoutMs?: number;
}

const maxConnections = 3;

export function createSmtpTransport(options: SmtpTransportOptions): MailTransport {
  const { server, from } = options;
  const { host, port, tlsRequired } = server;
  const pool = onceLoaded(() => createPool(options));
  return {
    description: `the SMTP server ${host}:${port}, ${tlsRequired ? "with TLS only" : "with TLS if it has it"}`,
    async send(mail, signal) {
      await (await pool()).sendMail({ ...toMimeMessage(mail, from), signal });
    },
    close() {
      // Whoever sends hears of a pool that could not be made.
      pool.loaded()?.then(
        (made) => made.close({ force: true }),
        () => {},
      );
    },
  };
}

/** The library is loaded with the first mail. */
async function createPool({
  server: { host, port, implicitTls, tlsRequired, auth },
  authorities,
  connectTimeoutMs = 10_000,
  greetingTimeoutMs = 30_000,
  socketTimeoutMs = 120_000,
}: SmtpTransportOptions) {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    pool: true,
    maxConnections,
    // Once, for a connection that the server ended while nothing was sent; the outbox knows better when to try again.
    maxRequeues: 1,
    host,
    port,
    secure: implicitTls,
    requireTLS: tlsRequired && !implicitTls,
    opportunisticTLS: !tlsRequired,
    // Where encryption can be stripped by whoever sits in between, a certificate proves nothing.
    tls: { rejectUnauthorized: tlsRequired, ...(authorities && { ca: [...authorities] }) },
    ...(auth && { auth: { ...auth } }),
    connectionTimeout: connectTimeoutMs,
    dnsTimeout: connectTimeoutMs,
    greetingTimeout: greetingTimeoutMs,
    socketTimeout: socketTimeoutMs,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
