// Access tokens verified in a service, and refreshes of flux-auth, each beside Better Auth's get-session.

import { DatabaseSync } from "node:sqlite";
import { createLogger } from "@fluxstudio/telemetry";
import { createVerifier, type Jwks } from "@fluxstudio/verify";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { readConfig } from "../apps/auth/src/config.ts";
import { createServices } from "../apps/auth/src/services.ts";
import { median } from "./median.ts";

const origin = "http://localhost:3001";
const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const inFlight = 8;
const rounds = 5;
/** A browser's, as a tool's would be detected and recorded at each request. */
const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0";
const headers = { "content-type": "application/json", "x-flux-client": "bench", "user-agent": userAgent };

/** Runs `step` so often, some in flight. @returns runs a second */
async function rateOf(runs: number, step: (worker: number) => Promise<void>): Promise<number> {
  let left = runs;
  const start = performance.now();
  const work = async (worker: number) => {
    while (left-- > 0) await step(worker);
  };
  await Promise.all(Array.from({ length: inFlight }, (_, worker) => work(worker)));
  return (runs / (performance.now() - start)) * 1000;
}

async function startPeer() {
  const auth = betterAuth({
    database: new DatabaseSync(":memory:"),
    secret,
    baseURL: origin,
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
  await (await getMigrations(auth.options)).runMigrations();
  const signUp = await auth.handler(
    new Request(`${origin}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { ...headers, origin },
      body: JSON.stringify(ada),
    }),
  );
  const cookie = signUp.headers.getSetCookie().map((line) => line.split(";")[0]);
  const request = { headers: { "user-agent": userAgent, cookie: cookie.join("; ") } };
  return async () => {
    const answer = await auth.handler(new Request(`${origin}/api/auth/get-session`, request));
    if (!(await answer.text()).includes(ada.email)) throw new Error("The peer does not know its session.");
  };
}

async function startFlux() {
  const config = readConfig({ DATABASE_URL: ":memory:", NODE_ENV: "development" });
  const services = await createServices({ config, secret, logger: createLogger({ level: "silent" }) });
  let address = 0;
  async function ask(path: string, body?: object): Promise<Response> {
    const i = address++ & 0xffff;
    const env = { incoming: { socket: { remoteAddress: `10.0.${i >> 8}.${i & 255}` } } };
    const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const response = await services.app.request(path, init, env);
    if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}.`);
    return response;
  }
  const pair = async (response: Response): Promise<{ accessToken: string; refreshToken: string }> =>
    JSON.parse(await response.text());
  const open = async () => pair(await ask("/api/auth/login", { ...ada, tokens: true }));
  const refresh = async (refreshToken: string) => pair(await ask("/api/auth/refresh", { refreshToken }));
  await ask("/api/auth/signup", ada);
  const jwks: Jwks = JSON.parse(await (await ask("/.well-known/jwks.json")).text());
  return { ...services, open, refresh, jwks };
}

/** Rates a second, in the same round each: get-session, refreshes, verifications of tokens seen before, and of new ones. */
export async function measureTokens() {
  const getSession = await startPeer();
  const { open, refresh, jwks, issuer, guard, mailer, database } = await startFlux();
  const chains = await Promise.all(Array.from({ length: inFlight }, open));
  const tokens = Promise.all(
    Array.from({ length: 4_000 }, () =>
      issuer.access.issue({ userId: "user", sessionId: "session", role: "user" }),
    ),
  );
  const newTokens = await tokens;
  const verifying = { issuer: origin, audience: origin, jwks };
  const found: Record<"getSession" | "refresh" | "verify" | "verifyNew", number>[] = [];
  for (let round = 0; round <= rounds; round++) {
    const service = createVerifier(verifying);
    let next = 0;
    const rates = {
      getSession: await rateOf(2_000, getSession),
      refresh: await rateOf(2_000, async (worker) => {
        chains[worker] = await refresh(chains[worker]?.refreshToken ?? "");
      }),
      verifyNew: await rateOf(newTokens.length, async () => void (await service.verify(newTokens[next++]))),
      verify: await rateOf(
        50_000,
        async () => void (await service.verify(newTokens[next++ % newTokens.length])),
      ),
    };
    // The first round warms up.
    if (round > 0) found.push(rates);
  }
  await Promise.all([guard.close(), mailer.close()]);
  await database.close();
  const ratio = (kind: "refresh" | "verify" | "verifyNew") =>
    Number(median(found.map((rates) => rates[kind] / rates.getSession)).toFixed(2));
  const perSecond = (kind: keyof (typeof found)[number]) =>
    Math.round(median(found.map((rates) => rates[kind])));
  const microseconds = (kind: "verify" | "verifyNew") =>
    Number(median(found.map((rates) => 1e6 / rates[kind])).toFixed(1));
  return {
    getSessionPerSecond: perSecond("getSession"),
    refresh: {
      ownPerSecond: perSecond("refresh"),
      ratio: ratio("refresh"),
      target: 2,
      reached: ratio("refresh") >= 2,
    },
    // A client shows the same token for a quarter of an hour; its signature is checked at the first time only.
    verify: {
      microseconds: microseconds("verify"),
      ratio: ratio("verify"),
      target: 20,
      reached: ratio("verify") >= 20 && microseconds("verify") <= 100,
    },
    verifyNew: { microseconds: microseconds("verifyNew"), ratio: ratio("verifyNew") },
  };
}
