// The headers that tell a browser what no answer of this server may be used for.

import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** Two years would be what browsers' preload lists ask for; one year is a promise that an operator can still take back. */
const hstsSeconds = 31_536_000;

/**
 * The pages run their own files and nothing else: whatever is injected into one of them has no script, no style, no form
 * and no request to somewhere else.
 * @param styleHashes of the styles that stand in the page itself, such as `sha256-…`
 */
export function contentSecurityPolicy(styleHashes: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styleHashes.map((hash) => ` '${hash}'`).join("")}`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * What a route has set itself stays.
 * @param publicUrl the origin under which browsers reach this server
 */
export function securityHeaders(publicUrl: string): MiddlewareHandler {
  return secureHeaders({
    overwrite: false,
    // What is no page has nothing to show.
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    permissionsPolicy: {
      camera: [],
      geolocation: [],
      microphone: [],
      payment: [],
      usb: [],
      publickeyCredentialsGet: ["self"],
    },
    // Links in mails carry tokens in their query.
    referrerPolicy: "no-referrer",
    xFrameOptions: "DENY",
    // Only for this host: other hosts below it are none of our business.
    strictTransportSecurity: publicUrl.startsWith("https:") ? `max-age=${hstsSeconds}` : false,
  });
}
