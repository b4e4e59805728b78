// The Better Auth plugin in a Better Auth as it comes: nothing of flux-auth helps it.

import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { expect, it, onTestFinished } from "vitest";
import { createAccountKey } from "../account.ts";
import { createGuard } from "../engine.ts";
import { bruteForce, builtInRules } from "../rules/index.ts";
import { createMemoryDecisionStore } from "../stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "../stores/memory-window-store.ts";
import { guardPlugin } from "./better-auth.ts";
import { clientContext } from "./client-context.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const accountKey = createAccountKey(new Uint8Array(32).fill(7));
const account = { scope: "account", value: accountKey(ada.email) } as const;

it("calls the right password of a locked account wrong, at every endpoint that compares it, until the lock is lifted", async () => {
  const { guard, post } = await startAuth();
  const { cookie } = await post("/sign-up/email", ada);
  const wrong = await post("/sign-in/email", { ...ada, password: "wrong horse battery" });
  expect(wrong).toMatchObject({ status: 401, body: { code: "INVALID_EMAIL_OR_PASSWORD" } });
  const lock = await guard.decide({ ...account, action: "lock", until: null, origin: "admin" }, Date.now());

  expect(await post("/sign-in/email", ada)).toEqual(wrong);
  const change = { currentPassword: ada.password, newPassword: "another horse battery" };
  expect(await post("/change-password", change, cookie)).toMatchObject({
    status: 400,
    body: { code: "INVALID_PASSWORD" },
  });

  await guard.lift(lock.id, Date.now());
  expect(await post("/sign-in/email", ada)).toMatchObject({
    status: 200,
    body: { user: { email: ada.email } },
  });
});

it("compares a password the way that the app has chosen", async () => {
  const verify = async ({ password }: { password: string }) => password === "by another way";
  const { post } = await startAuth({ hash: async () => "kept elsewhere", verify });
  await post("/sign-up/email", ada);
  expect(await post("/sign-in/email", ada)).toMatchObject({ status: 401 });
  expect(await post("/sign-in/email", { ...ada, password: "by another way" })).toMatchObject({ status: 200 });
});

it("refuses the sixth guess by a code, and signs nobody in outside of the guard's middleware", async () => {
  const { auth, post } = await startAuth();
  await post("/sign-up/email", ada);
  const guess = { ...ada, password: "wrong horse battery" };
  for (let i = 0; i < bruteForce.defaults.threshold; i++)
    expect(await post("/sign-in/email", guess)).toMatchObject({ status: 401 });
  expect(await post("/sign-in/email", ada)).toMatchObject({ status: 403, body: { code: "BLOCKED" } });
  await expect(auth.api.signInEmail({ body: ada })).rejects.toMatchObject({
    body: { code: "GUARD_MISSING" },
  });
});

interface Comparing {
  hash(password: string): Promise<string>;
  verify(check: { hash: string; password: string }): Promise<boolean>;
}

async function startAuth(password?: Comparing) {
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError(error) {
      throw error;
    },
  });
  const database = new DatabaseSync(":memory:");
  onTestFinished(() => database.close());
  const auth = betterAuth({
    baseURL: "http://localhost",
    secret: "a secret of this test, and of no server",
    database,
    emailAndPassword: { enabled: true, ...(password && { password }) },
    logger: { disabled: true },
    plugins: [guardPlugin({ guard, accountKey })],
  });
  await (await auth.$context).runMigrations();

  /** As the guard's middleware hands a request on. */
  async function post(path: string, body: object, cookie = "") {
    const headers = { "content-type": "application/json", origin: "http://localhost", cookie };
    const request = new Request(`http://localhost/api/auth${path}`, {
      ...{ method: "POST", headers, body: JSON.stringify(body) },
    });
    const client = { ip: "192.0.2.1", userAgent: undefined, method: "POST", path, door: "auth" };
    const response = await clientContext.run(client, () => auth.handler(request));
    const set = response.headers.getSetCookie().map((one) => one.split(";")[0]);
    return { status: response.status, body: JSON.parse(await response.text()), cookie: set.join("; ") };
  }
  return { auth, guard, post };
}
