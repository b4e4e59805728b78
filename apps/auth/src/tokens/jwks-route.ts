// GET /.well-known/jwks.json: the public keys, for services that verify access tokens.

import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { SigningKeys } from "./signing-keys.ts";

export const jwksPath = "/.well-known/jwks.json";

/** Much shorter than a key is published before it signs; kept for longer while this server does not answer. */
const caching = "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400";

export function createJwksRoute(keys: SigningKeys) {
  return async (c: Context): Promise<Response> => {
    const body = JSON.stringify(await keys.published());
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    // Public keys are everybody's, also a page's of another origin.
    const headers = { "cache-control": caching, etag, "access-control-allow-origin": "*" };
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
    return c.body(body, 200, { ...headers, "content-type": "application/jwk-set+json" });
  };
}
