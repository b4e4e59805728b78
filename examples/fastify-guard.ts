// The guard in a Fastify app with a sign-in of its own: five wrong passwords, and the sixth is refused before it is looked at.
//
// npm run example -- fastify-guard PORT

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
import { guardPlugin } from "@fluxstudio/guard/fastify";
import { refusalOf } from "@fluxstudio/guard/refusal";
import fastify from "fastify";

const [port = "3013"] = process.argv.slice(2);
const salt = randomBytes(16);
const ada = { email: "ada@example.com", hash: scryptSync("correct horse battery", salt, 32) };
const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  onError: (error, where) => console.error(where, error),
});
const accountKey = createAccountKey(randomBytes(32));

const app = fastify();
// Counts requests at doors, and refuses whoever is blocked before his body is read. Behind a proxy, name it in `trustedProxies`.
const door = (_method: string, path: string) => (path === "/sign-in" ? "sign-in" : undefined);
await app.register(guardPlugin, { guard, clientIp: createClientIp({ trustedProxies: [] }), door });

app.post("/sign-in", async (request, reply) => {
  const { email, password } = (request.body ?? {}) as { email?: unknown; password?: unknown };
  const client = clientContext.getStore();
  if (!client || typeof email !== "string" || typeof password !== "string")
    return reply.code(400).send({ code: "INVALID" });
  const signal = () => ({ ...client, id, account: accountKey(email), at: Date.now() });
  const id = randomUUID();

  // Takes a place before the password is looked at, so that guesses sent side by side cannot all slip through.
  const gate = await guard.check({ ...signal(), type: "sign-in-attempt" });
  if (gate.action !== "allow") {
    const { status, body, headers } = refusalOf(gate);
    return reply.code(status).headers(headers).send(body);
  }
  // Hashed for an unknown name as well, or the time would tell which names there are.
  const isRight = timingSafeEqual(scryptSync(password, salt, 32), ada.hash) && email === ada.email;
  await guard.record({ ...signal(), type: isRight ? "sign-in-success" : "sign-in-failure" });
  return reply.code(isRight ? 200 : 401).send(isRight ? { hello: email } : { code: "WRONG" });
});

const url = await app.listen({ port: Number(port), host: "127.0.0.1" });
const body = '{"email":"ada@example.com","password":"wrong"}';
console.log(
  `listening on ${new URL(url).port}; six times:\ncurl ${url}/sign-in -H content-type:application/json -d '${body}'`,
);
