// A service that lets in whoever has an access token of flux-auth, and asks flux-auth for nothing but its public keys.
//
// npm run example -- token-service ISSUER PORT, with the issuer's PUBLIC_URL

import { type AccessClaims, createVerifier, TokenError } from "@fluxstudio/verify";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const [issuer = "http://localhost:3001", port = "3010"] = process.argv.slice(2);
const tokens = createVerifier({
  issuer,
  audience: issuer,
  jwksUrl: `${issuer}/.well-known/jwks.json`,
  onError: (error) => console.error(error),
});

const app = new Hono<{ Variables: { claims: AccessClaims } }>();

app.use(async (c, next) => {
  const token = c.req.header("authorization")?.replace(/^Bearer /i, "");
  try {
    c.set("claims", await tokens.verify(token));
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return c.json({ code: error.code }, error.status);
  }
  return next();
});

app.get("/hello", (c) => c.json({ hello: c.get("claims").sub, roles: c.get("claims").roles }));

serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, ({ port }) =>
  console.log(
    `listening on ${port}; with an access token:\ncurl 127.0.0.1:${port}/hello -H "authorization: Bearer TOKEN"`,
  ),
);
