// The guard without a framework, in a server of node:http: five wrong passwords, and the sixth is refused before it is looked at.
//
// npm run example -- plain-guard PORT

import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  builtInRules,
  createAccountKey,
  createClientIp,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";
import { refusalOf } from "@fluxstudio/guard/refusal";

const [port = "3014"] = process.argv.slice(2);
const salt = randomBytes(16);
const ada = { email: "ada@example.com", hash: scryptSync("correct horse battery", salt, 32) };
const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  onError: (error, where) => console.error(where, error),
});
const accountKey = createAccountKey(randomBytes(32));

// Behind a proxy, name it in `trustedProxies`.
const ipOf = createClientIp({ trustedProxies: [] });

const server = createServer(async (request, response) => {
  const { status, body, headers = {} } = await answer(request).catch(() => failed);
  response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
});
const failed: Answer = { status: 500, body: { code: "INTERNAL" } };
type Answer = { status: number; body: object; headers?: Readonly<Record<string, string>> };

async function answer(request: IncomingMessage): Promise<Answer> {
  if (request.method !== "POST" || request.url !== "/sign-in")
    return { status: 404, body: { code: "NOT_FOUND" } };
  const ip = ipOf({
    socketAddress: request.socket.remoteAddress,
    header: (name) => request.headers[name]?.toString(),
  });
  if (!(Number(request.headers["content-length"]) < 4096))
    return { status: 413, body: { code: "TOO_LARGE" } };
  const { email, password } = fieldsOf(await text(request));
  if (typeof email !== "string" || typeof password !== "string")
    return { status: 400, body: { code: "INVALID" } };
  const userAgent = request.headers["user-agent"];
  const signal = () => ({ ip, userAgent, door: "sign-in", id, account: accountKey(email), at: Date.now() });
  const id = randomUUID();

  // Takes a place before the password is looked at, so that guesses sent side by side cannot all slip through.
  const gate = await guard.check({ ...signal(), type: "sign-in-attempt" });
  if (gate.action !== "allow") return refusalOf(gate);
  // Hashed for an unknown name as well, or the time would tell which names there are.
  const isRight = timingSafeEqual(scryptSync(password, salt, 32), ada.hash) && email === ada.email;
  await guard.record({ ...signal(), type: isRight ? "sign-in-success" : "sign-in-failure" });
  return isRight ? { status: 200, body: { hello: email } } : { status: 401, body: { code: "WRONG" } };
}

/** What is no JSON has no fields. */
function fieldsOf(body: string): { email?: unknown; password?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

server.listen(Number(port), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const body = '{"email":"ada@example.com","password":"wrong"}';
  console.log(
    `listening on ${port}; six times:\ncurl 127.0.0.1:${port}/sign-in -H content-type:application/json -d '${body}'`,
  );
});
