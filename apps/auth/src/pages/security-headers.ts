// The headers that tell a browser what no answer of this server may be used for.

import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** Two years would be what browsers' preload lists ask for; one year is a promise that an operator can still take back. */
const hstsSeconds = 31_536_000;

/**
 * The pages run their own files and nothing else: whatever is injected into one of them has no script, no style, no form
 * and no request to somewhere else.
 * @param publicUrl the origin under which browsers reach this server
 * @param styleHashes of the styles that stand in the page itself, such as `sha256-…`
 */
export function securityHeaders(publicUrl: string, styleHashes: readonly string[] = []): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", ...styleHashes.map((hash) => `'${hash}'`)],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
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
