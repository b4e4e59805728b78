// Somebody's Better Auth on Express, and the ten lines, marked with a plus, that guard it.
//
// npm run example -- better-auth-express PORT

import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import * as flux from "@fluxstudio/guard"; // +
import { guardPlugin } from "@fluxstudio/guard/better-auth"; // +
import { guardMiddleware } from "@fluxstudio/guard/express"; // +
import { betterAuth } from "better-auth";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import express from "express";

const [port = "3015"] = process.argv.slice(2);

const stores = { windows: flux.createMemoryWindowStore(), decisions: flux.createMemoryDecisionStore() }; // +
const onError = console.error; // +
const guard = flux.createGuard({ rules: flux.builtInRules, ...stores, onError }); // +

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  secret: randomBytes(32).toString("base64url"),
  database: new DatabaseSync(":memory:"),
  emailAndPassword: { enabled: true },
  // Behind all other plugins.
  plugins: [guardPlugin({ guard, accountKey: flux.createAccountKey(randomBytes(32)) })], // +
});
await (await auth.$context).runMigrations();

const app = express();

// Better Auth knows addresses from headers only, which any client can write: this one is written over.
const client = { clientIp: flux.createClientIp(), ipHeader: "x-forwarded-for" }; // +
const door = (method: string) => (method === "POST" ? "auth" : undefined); // +
app.use("/api/auth", guardMiddleware({ guard, door, ...client })); // +

app.all("/api/auth/*splat", toNodeHandler(auth));

app.get("/me", async (request, response) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  response.json({ email: session?.user.email, ip: session?.session.ipAddress });
});

const server = app.listen(Number(port), "127.0.0.1", (error) => {
  if (error) {
    console.error("code" in error && error.code === "EADDRINUSE" ? `port ${port} is in use` : error.message);
    process.exit(1);
  }
  const { port: open } = server.address() as AddressInfo;
  const body = '{"email":"ada@example.com","password":"wrong"}';
  console.log(
    `listening on ${open}; six times:\ncurl 127.0.0.1:${open}/api/auth/sign-in/email -H content-type:application/json -d '${body}'`,
  );
});
