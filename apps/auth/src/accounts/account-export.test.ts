// What one takes away of oneself: everything that is kept, nothing that signs in, and nothing of anybody else.

import { expect, it } from "vitest";
import { describeDatabases } from "../database/test-database.ts";
import { startTestApp } from "../test-app.ts";
import { createAuthenticator, createTestClient } from "./test-clients.ts";
import { createTestPasskey } from "./test-passkey.ts";

const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

describeDatabases("export", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("has the profile, sessions, ways in, devices and events of its owner, and none of their secrets", async () => {
    const app = await startTestApp({ databaseUrl: await databases.url() });
    const [browser, other] = [createTestClient(app, "192.0.2.1"), createTestClient(app, "192.0.2.2")];
    const { body: signUp } = await browser.post("/sign-up/email", ada);
    await other.post("/sign-up/email", { ...ada, email: "grace@example.com", name: "Grace" });
    const { body: challenge } = await browser.get("/passkey/generate-register-options");
    const passkey = createTestPasskey({ origin: "http://localhost:3001", rpId: "localhost" });
    const response = passkey.create({ challenge: String(challenge.challenge) });
    expect((await browser.post("/passkey/verify-registration", { name: "phone", response })).status).toBe(
      200,
    );
    const { body: enabled } = await browser.post("/two-factor/enable", { password: ada.password });
    const authenticator = createAuthenticator(enabled.totpURI ?? "");
    expect((await browser.post("/two-factor/verify-totp", { code: await authenticator.code() })).status).toBe(
      200,
    );
    await app.guard.flush();

    const { status, body, headers } = await browser.get("/export");
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({
      profile: { email: ada.email, name: "Ada", role: "user", twoFactorEnabled: true },
      sessions: [{ ipAddress: "192.0.2.1" }],
      accounts: [{ providerId: "credential" }],
      passkeys: [{ name: "phone" }],
      devices: [{ lastIp: "192.0.2.1" }],
    });
    expect(body.securityEvents).toContainEqual(expect.objectContaining({ type: "sign-up", ip: "192.0.2.1" }));
    const text = JSON.stringify(body);
    const tokens = [...browser.cookies.values()].map(
      (value) => decodeURIComponent(value).split(".")[0] ?? value,
    );
    const secrets = [signUp.token ?? "", authenticator.secret, ...(enabled.backupCodes ?? []), ...tokens];
    for (const secret of [...secrets, response.id, "$argon2", "grace"]) expect(text).not.toContain(secret);
    expect((await createTestClient(app, "192.0.2.3").get("/export")).status).toBe(401);
  });
});
