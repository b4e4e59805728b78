// What a browser does with a passkey at flux-auth, for tests: asks for a challenge and sends the answer.

import { expect } from "vitest";
import type { TestClient } from "./test-clients.ts";
import { createTestPasskey } from "./test-passkey.ts";

const origin = "http://localhost:3001";
export const newPasskey = (verifiesUser = true) =>
  createTestPasskey({ origin, rpId: "localhost", verifiesUser });
export type Passkey = ReturnType<typeof newPasskey>;

export async function challengeFor(browser: TestClient, path: string) {
  const { status, body } = await browser.get(path);
  expect(status).toBe(200);
  return { ...body, challenge: String(body.challenge) };
}

export async function register(browser: TestClient, passkey: Passkey) {
  const options = await challengeFor(browser, "/passkey/generate-register-options");
  return browser.post("/passkey/verify-registration", { name: "phone", response: passkey.create(options) });
}

export async function signIn(browser: TestClient, passkey: Passkey) {
  const options = await challengeFor(browser, "/passkey/generate-authenticate-options");
  expect(options).toMatchObject({ userVerification: "required" });
  return browser.post("/passkey/verify-authentication", { response: passkey.get(options) });
}
