// A signed-up user with tokens, for tests: on real services, with a clock that tests move.

import { sessionValue } from "@fluxstudio/verify";
import { decodeJwt } from "jose";
import { basePath } from "../auth.ts";
import { startTestApp } from "../test-app.ts";

export const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
export const home = "203.0.113.7";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** @param env further settings */
export async function startWithAda(databaseUrl: string, env: Readonly<Record<string, string>> = {}) {
  const clock = { now: Date.now() };
  const app = await startTestApp({ databaseUrl, env, now: () => clock.now });
  const { ask, post } = app;
  const signUp = await post(`${basePath}/signup`, ada, home);
  if (signUp.status !== 200) throw new Error(`The sign-up was answered with ${signUp.status}.`);

  const signIn = async (body: object = { tokens: true }): Promise<Tokens & { cookie: string }> => {
    const response = await post(`${basePath}/login`, { ...ada, ...body }, home);
    return { ...(await readJson(response)), cookie: cookieOf(response) };
  };
  const refresh = (refreshToken: unknown, ip = home) => post(`${basePath}/refresh`, { refreshToken }, ip);
  const me = (accessToken: string) =>
    ask(`${basePath}/me`, { headers: { authorization: `Bearer ${accessToken}` } }, home);
  return { ...app, clock, signIn, refresh, me };
}

export const readJson = async (response: Response) => JSON.parse(await response.text());

export const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");

/** Under which value the guard knows the session of an access token. */
export const sessionOf = (accessToken: string): string => sessionValue(String(decodeJwt(accessToken).sid));

export async function told(response: Response) {
  return { status: response.status, code: (await readJson(response)).code };
}
