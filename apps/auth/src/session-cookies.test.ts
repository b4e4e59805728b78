// The cookies of a sign-in over https, as a browser judges them, and that they sign in.

import { expect, it } from "vitest";
import { startTestApp } from "./test-app.ts";

const ada = { name: "Ada Lovelace", email: "ada@example.com", password: "analytical engine no. 1" };
const ip = "203.0.113.7";

async function signUpAt(publicUrl: string) {
  const { ask, post } = await startTestApp({ databaseUrl: ":memory:", env: { PUBLIC_URL: publicUrl } });
  const answer = await post("/api/auth/sign-up/email", ada, ip);
  const cookies = answer.headers.getSetCookie().filter((cookie) => cookie.includes("session_token"));
  const cookie = cookies.map((line) => line.split(";")[0]).join("; ");
  const session = await ask("/api/auth/get-session", { headers: { cookie } }, ip);
  return { cookies, session: await session.json() };
}

it("over https only this host can have set them, and no script reads them", async () => {
  const { cookies, session } = await signUpAt("https://auth.example.com");
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatch(/^__Host-flux\.session_token=/);
  expect(cookies[0]).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(cookies[0]).not.toContain("Domain=");
  expect(session).toMatchObject({ user: { email: ada.email } });
});

it("over http, on a developer's machine, they work without these names", async () => {
  const { cookies, session } = await signUpAt("http://localhost:3001");
  expect(cookies[0]).toMatch(/^flux\.session_token=/);
  expect(session).toMatchObject({ user: { email: ada.email } });
});
