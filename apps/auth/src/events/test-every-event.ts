// A running flux-auth to which everything happens that makes a security event, for tests: each type of signal, each rule, each decision.

import { adminBase } from "@fluxstudio/admin-api";
import { basePath } from "../auth.ts";
import { asOperator, program } from "../test-app.ts";
import { ada, home, startWithAda } from "../tokens/test-tokens.ts";
import type { StoredEvent } from "./event-row.ts";

const thief = "198.51.100.66";
const guesser = "203.0.113.66";
const scanner = "203.0.113.67";
/** In countries that the database which comes along tells apart. */
const [inGermany, inAmerica] = ["193.99.144.80", "8.8.8.8"];
const wrong = { email: ada.email, password: "wrong" };
const afterGraceMs = 60_000;

type Flux = Awaited<ReturnType<typeof startWithAda>>;

/** @returns every event, the newest first */
export async function everyEvent(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ flux: Flux; events: StoredEvent[] }> {
  const flux = await startWithAda(databaseUrl, env);
  await guess(flux);
  await goOnGuessing(flux);
  await steal(flux);
  await travel(flux);
  await hurry(flux);
  await recover(flux);
  await decide(flux);
  await flux.guard.flush();
  return { flux, events: await flux.events.list({ limit: 1_000 }) };
}

/** From one address until it is blocked, then from many until the account waits, and at the operators' door. */
async function guess({ post, ask, clock }: Flux): Promise<void> {
  for (let i = 0; i < 8; i++) await post(`${basePath}/login`, wrong, guesser);
  for (let i = 0; i < 12; i++) await post(`${basePath}/login`, wrong, `198.18.0.${i}`);
  await ask(`${adminBase}/events`, { headers: { authorization: "Bearer wrong" } }, "198.18.1.1");
  clock.now += 24 * 3_600_000;
}

/** From one address, at ever new accounts, as soon as each block is over: until its reputation is a reason to block. */
async function goOnGuessing({ post, clock }: Flux): Promise<void> {
  for (const [round, blockedHours] of [1, 2, 4, 8, 16, 24, 24, 24].entries()) {
    for (let i = 0; i < 5; i++) {
      await post(`${basePath}/login`, { ...wrong, email: `${round}.${i}@example.com` }, scanner);
    }
    clock.now += blockedHours * 3_600_000 + 1_000;
  }
}

/** Somebody shows an exchanged refresh token, at first within its grace. */
async function steal({ signIn, refresh, clock }: Flux): Promise<void> {
  const { refreshToken } = await signIn();
  await refresh(refreshToken);
  for (let i = 0; i < 3; i++) await refresh(refreshToken, thief);
  clock.now += afterGraceMs;
  await refresh(refreshToken, thief);
}

/** Each sign-in is on another device, and the last one in another country. */
async function travel({ post }: Flux): Promise<void> {
  for (const ip of [inGermany, inGermany, inGermany, inAmerica]) await post(`${basePath}/login`, ada, ip);
}

/** More requests, and more refreshes, than a person makes; and a tool's. */
async function hurry({ ask, post, signIn, refresh }: Flux): Promise<void> {
  const { refreshToken, cookie } = await signIn();
  for (let i = 0, token = refreshToken; i < 11; i++) {
    token = JSON.parse(await (await refresh(token)).text()).refreshToken;
  }
  await post(`${basePath}/sign-out`, {}, home, { cookie });
  await post(`${basePath}/login`, {}, "198.18.2.1", { "user-agent": "sqlmap/1.7" });
  for (let i = 0; i < 51; i++) await ask(`${basePath}/verify-email`, { headers: program }, "2001:db8:1:2::3");
}

/** A new password by way of a mailed link. */
async function recover({ post, mails }: Flux): Promise<void> {
  await post(`${basePath}/request-password-reset`, { email: ada.email }, home);
  const { link } = (await mails()).findLast((mail) => mail.link?.includes("reset-password")) ?? {};
  const token = new URL(link ?? "").searchParams.get("token");
  await post(`${basePath}/reset-password`, { token, newPassword: "another horse battery" }, home);
}

/** An operator refuses clients in every way that there is. */
async function decide({ ask, post, clock }: Flux): Promise<void> {
  const init = { method: "POST", headers: { ...program, ...asOperator(clock.now) } };
  for (const [i, action] of ["block", "delay", "challenge", "step-up", "lock", "allow"].entries()) {
    const value = `198.18.3.${i}`;
    const body = JSON.stringify({ action, scope: "ip", value, reason: "by hand" });
    const { status } = await ask(`${adminBase}/decisions`, { ...init, body }, home);
    if (status !== 201) throw new Error(`The decision was answered with ${status}.`);
    for (let j = 0; j < 2; j++) await post(`${basePath}/login`, wrong, value);
  }
}
