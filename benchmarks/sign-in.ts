// Sign-ins of flux-auth beside Better Auth with its default hash, and how long each kind of failure takes.

import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { email, fluxAuth, headers, password } from "./flux-auth.ts";

const signIns = 64;
const failures = 60;

/** Sign-ins a second, 8 in flight. */
export async function fluxAuthRate(): Promise<number> {
  const { ask, stop } = await fluxAuth();
  const rate = await rateOf((i) => ask("/login", { email, password }, i));
  await stop();
  return rate;
}

export async function betterAuthRate(): Promise<number> {
  const auth = betterAuth({
    database: new DatabaseSync(":memory:"),
    secret: "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC",
    baseURL: "http://localhost:3001",
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
  await (await getMigrations(auth.options)).runMigrations();
  const ask = (path: string, body: object) =>
    auth.handler(
      new Request(`http://localhost:3001/api/auth${path}`, {
        method: "POST",
        headers: { ...headers, origin: "http://localhost:3001" },
        body: JSON.stringify(body),
      }),
    );
  await ask("/sign-up/email", { name: "Ada", email, password });
  return rateOf(() => ask("/sign-in/email", { email, password }));
}

async function rateOf(signIn: (i: number) => Response | Promise<Response>): Promise<number> {
  let next = 0;
  const start = performance.now();
  const worker = async () => {
    while (next < signIns) {
      const { status } = await signIn(next++);
      if (status !== 200) throw new Error(`A sign-in was answered with ${status}.`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return (signIns / (performance.now() - start)) * 1000;
}

/** Milliseconds of each failure in turn, one in flight: wrong password, unknown account, locked account. */
export async function failureTimes(): Promise<{ wrong: number[]; unknown: number[]; locked: number[] }> {
  const { ask, guard, accountKey, stop } = await fluxAuth();
  await ask("/signup", { name: "Bob", email: "bob@example.com", password }, 65_001);
  const lock = {
    action: "lock",
    scope: "account",
    value: accountKey("bob@example.com"),
    until: null,
    origin: "admin",
  } as const;
  await guard.decide(lock, Date.now());
  const times = { wrong: [] as number[], unknown: [] as number[], locked: [] as number[] };
  const kinds = [
    ["wrong", email],
    ["unknown", "nobody@example.com"],
    ["locked", "bob@example.com"],
  ] as const;
  for (let i = 0; i < failures; i++) {
    for (const [k, [kind, who]] of kinds.entries()) {
      const start = performance.now();
      const { status } = await ask("/login", { email: who, password: "a wrong password" }, i * 3 + k);
      times[kind].push(performance.now() - start);
      if (status !== 401) throw new Error(`${kind} was answered with ${status}.`);
    }
  }
  await stop();
  return times;
}
