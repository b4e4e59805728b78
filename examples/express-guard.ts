// The guard in an Express app with a sign-in of its own: five wrong passwords, and the sixth is refused before it is looked at.
//
// npm run example -- express-guard PORT

import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import {
  builtInRules,
  createAccountKey,
  createClientIp,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";
import { clientContext } from "@fluxstudio/guard/client-context";
import { guardMiddleware } from "@fluxstudio/guard/express";
import { refusalOf } from "@fluxstudio/guard/refusal";
import express from "express";

const [port = "3012"] = process.argv.slice(2);
const salt = randomBytes(16);
const ada = { email: "ada@example.com", hash: scryptSync("correct horse battery", salt, 32) };
const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  onError: (error, where) => console.error(where, error),
});
const accountKey = createAccountKey(randomBytes(32));

const app = express();
// Counts requests at doors, and refuses whoever is blocked before his body is read. Behind a proxy, name it in `trustedProxies`.
const door = (_method: string, path: string) => (path === "/sign-in" ? "sign-in" : undefined);
app.use(guardMiddleware({ guard, clientIp: createClientIp({ trustedProxies: [] }), door }));
app.use(express.json());

app.post("/sign-in", async (request, response) => {
  const { email, password } = request.body ?? {};
  const client = clientContext.getStore();
  if (!client || typeof email !== "string" || typeof password !== "string")
    return void response.status(400).json({ code: "INVALID" });
  const signal = () => ({ ...client, id, account: accountKey(email), at: Date.now() });
  const id = randomUUID();

  // Takes a place before the password is looked at, so that guesses sent side by side cannot all slip through.
  const gate = await guard.check({ ...signal(), type: "sign-in-attempt" });
  if (gate.action !== "allow") {
    const { status, body, headers } = refusalOf(gate);
    return void response.status(status).set(headers).json(body);
  }
  // Hashed for an unknown name as well, or the time would tell which names there are.
  const isRight = timingSafeEqual(scryptSync(password, salt, 32), ada.hash) && email === ada.email;
  await guard.record({ ...signal(), type: isRight ? "sign-in-success" : "sign-in-failure" });
  response.status(isRight ? 200 : 401).json(isRight ? { hello: email } : { code: "WRONG" });
});

const server = app.listen(Number(port), "127.0.0.1", (error) => {
  if (error) {
    console.error("code" in error && error.code === "EADDRINUSE" ? `port ${port} is in use` : error.message);
    process.exit(1);
  }
  const { port: open } = server.address() as AddressInfo;
  const body = '{"email":"ada@example.com","password":"wrong"}';
  console.log(
    `listening on ${open}; six times:\ncurl 127.0.0.1:${open}/sign-in -H content-type:application/json -d '${body}'`,
  );
});
