// The SMTP server that SMTP_URL names.

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise STARTTLS. */
  readonly implicitTls: boolean;
  /** Whether a mail rather waits than goes unencrypted or to a server without a valid certificate. */
  readonly tlsRequired: boolean;
  /** Not for logs. */
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

/** Traffic with oneself passes nobody, and the relay that runs there often has a certificate made by itself. */
const loopback = /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** Submission: RFC 6409, and with implicit TLS RFC 8314. */
const ports: { readonly [protocol: string]: number } = { "smtp:": 587, "smtps:": 465 };

/**
 * Reads `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS) or `smtps://…` (TLS). TLS is required unless the host is this
 * machine; `?tls=optional` and `?tls=required` say otherwise.
 * @returns undefined when it is neither
 */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.parse(text);
  const port = url && ports[url.protocol];
  if (!url || !port || !url.hostname || !["", "/"].includes(url.pathname) || url.hash) return undefined;
  const tls = url.searchParams.get("tls");
  if ([...url.searchParams].length > (tls === null ? 0 : 1)) return undefined;
  if (tls !== null && tls !== "required" && tls !== "optional") return undefined;
  const host = url.hostname.toLowerCase();
  try {
    return {
      host: host.replace(/^\[|\]$/g, ""),
      port: Number(url.port) || port,
      implicitTls: url.protocol === "smtps:",
      tlsRequired: tls === null ? !loopback.test(host) : tls === "required",
      auth: url.username
        ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
        : undefined,
    };
  } catch {
    // A "%" that encodes nothing.
    return undefined;
  }
}
