// The guard in a Hono app with a sign-in of its own: five wrong passwords, and the sixth is refused before it is looked at.
//
// npm run example -- hono-guard PORT

import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from "node:crypto";
import {
  builtInRules,
  createAccountKey,
  createClientIp,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";
import { clientContext } from "@fluxstudio/guard/client-context";
import { guardMiddleware } from "@fluxstudio/guard/hono";
import { refusalOf } from "@fluxstudio/guard/refusal";
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";

const [port = "3011"] = process.argv.slice(2);
const salt = randomBytes(16);
const ada = { email: "ada@example.com", hash: scryptSync("correct horse battery", salt, 32) };

const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  onError: (error, where) => console.error(where, error),
});
const accountKey = createAccountKey(randomBytes(32));
const ipOf = createClientIp({ trustedProxies: [] });
const clientIp = (c: Context) =>
  ipOf({ socketAddress: getConnInfo(c).remote.address, header: (name) => c.req.header(name) });
const door = (_method: string, path: string) => (path === "/sign-in" ? "sign-in" : undefined);

const app = new Hono();

// Counts requests at doors, and refuses whoever is blocked.
app.use(guardMiddleware({ guard, clientIp, door }));

app.post("/sign-in", async (c) => {
  const { email, password } = (await c.req.json().catch(() => undefined)) ?? {};
  if (typeof email !== "string" || typeof password !== "string") return c.json({ code: "INVALID" }, 400);
  const id = randomUUID();
  const signal = () => ({ ...client(), id, account: accountKey(email), at: Date.now() });

  // Takes a place before the password is looked at, so that guesses sent side by side cannot all slip through.
  const gate = await guard.check({ ...signal(), type: "sign-in-attempt" });
  if (gate.action !== "allow") {
    const { status, body, headers } = refusalOf(gate);
    return c.json(body, status, headers);
  }
  // Hashed for an unknown name as well, or the time would tell which names there are.
  const isRight = timingSafeEqual(scryptSync(password, salt, 32), ada.hash) && email === ada.email;
  await guard.record({ ...signal(), type: isRight ? "sign-in-success" : "sign-in-failure" });
  return isRight ? c.json({ hello: email }) : c.json({ code: "WRONG" }, 401);
});

/** Who asks: the middleware has found it out. */
function client() {
  const found = clientContext.getStore();
  if (!found) throw new Error("The guard's middleware has to run first.");
  const { ip, userAgent, method, path, door } = found;
  return { ip, userAgent, method, path, door };
}

const body = '{"email":"ada@example.com","password":"wrong"}';
serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, ({ port }) =>
  console.log(
    `listening on ${port}; six times:\ncurl 127.0.0.1:${port}/sign-in -H content-type:application/json -d '${body}'`,
  ),
);
