// Signing keys: one at a time signs, each is published before and after, and nobody reads them from the database.

import { createLogger } from "@fluxstudio/telemetry";
import { createVerifier } from "@fluxstudio/verify";
import { expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { describeDatabases } from "../database/test-database.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { createSigningKeys, defaultSchedule } from "./signing-keys.ts";

const { rotateEveryMs, publishBeforeMs } = defaultSchedule;
const minuteMs = 60_000;
const start = Date.UTC(2026, 0, 5, 9);
const secret = "kS8vQ2mX7pR4tW9zB3nF6hJ1dG5yL0aC";
const issuer = "https://auth.example.com";
const subject = { userId: "user", sessionId: "session", role: "user, admin" };

function setUp(database: Database, clock = { now: start }, secretOfProcess = secret) {
  const lines: string[] = [];
  const logger = createLogger({ level: "warn", stream: { write: (line) => void lines.push(line) } });
  const now = () => clock.now;
  const keys = createSigningKeys({ database, secret: secretOfProcess, logger, now });
  const access = createAccessTokens({ keys, issuer, audience: issuer, now });
  const published = async () => (await keys.published()).keys.map(({ kid }) => kid);
  return { lines, clock, keys, access, published };
}

describeDatabases("signing keys", process.env.FLUX_TEST_POSTGRES_URL, (databases) => {
  it("sign tokens that others verify with what is published", async () => {
    const { keys, access, clock } = setUp(await databases.migrated());
    const token = await access.issue(subject);
    const jwks = JSON.parse(JSON.stringify(await keys.published()));
    const verifier = createVerifier({ issuer, audience: issuer, jwks, now: () => clock.now });
    expect(await verifier.verify(token)).toMatchObject({
      ...{ iss: issuer, aud: issuer, sub: "user", sid: "session", roles: ["user", "admin"] },
      ...{ iat: start / 1000, exp: start / 1000 + 900 },
    });
  });

  it("are one, however many processes start at the same time", async () => {
    const url = await databases.url();
    const first = await databases.open(url);
    await migrate(first);
    const opened = await Promise.all([first, ...[1, 2, 3].map(() => databases.open(url))]);
    const signers = await Promise.all(opened.map((database) => setUp(database).keys.signer()));
    expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
  });

  it("overlap: the next is published a day before it signs, the last until its tokens have expired", async () => {
    const { keys, access, published, clock } = setUp(await databases.migrated());
    const one = (await keys.signer()).kid;
    clock.now += rotateEveryMs - 1;
    expect(await published()).toEqual([one]);
    clock.now += minuteMs;
    const [, two = ""] = await published();
    expect(await published()).toEqual([one, two]);
    clock.now += publishBeforeMs - minuteMs;
    expect((await keys.signer()).kid).toBe(one);
    clock.now += minuteMs - 1;
    const lastOfOne = await access.issue(subject);
    expect((await keys.signer()).kid).toBe(one);
    clock.now += 1;
    expect((await keys.signer()).kid).toBe(two);
    clock.now += 15 * minuteMs - 1000;
    expect(await published()).toEqual([one, two]);
    expect(await access.verifier.verify(lastOfOne)).toMatchObject({ sub: "user" });
    clock.now += 30 * minuteMs;
    expect(await published()).toEqual([two]);
  });

  it("that were not used for long begin anew with the same overlap", async () => {
    const database = await databases.migrated();
    const { keys, clock } = setUp(database);
    const one = (await keys.signer()).kid;
    clock.now += 10 * rotateEveryMs;
    const later = setUp(database, clock);
    expect((await later.keys.signer()).kid).toBe(one);
    expect(await later.published()).toHaveLength(2);
    clock.now += publishBeforeMs;
    expect((await later.keys.signer()).kid).not.toBe(one);
  });

  it("are encrypted in the database, and of no use under another secret", async () => {
    const database = await databases.migrated();
    const before = setUp(database);
    const { kid, publicJwk } = await before.keys.signer();
    const rows = await database.kysely.selectFrom("signing_key").selectAll().execute();
    const text = JSON.stringify(rows);
    for (const readable of [publicJwk.x, kid, "Ed25519"]) expect(text).not.toContain(readable);
    const after = setUp(database, before.clock, secret.toLowerCase());
    expect(await after.published()).toHaveLength(1);
    expect(await after.published()).not.toContain(kid);
    expect(after.lines.join("")).toContain("Signing keys that another FLUX_SECRET encrypted");
    // The first secret's process goes on.
    expect((await before.keys.signer()).kid).toBe(kid);
  });

  it("serve on while the database does not answer", async () => {
    const database = await databases.migrated();
    const { keys, clock, lines } = setUp(database);
    const { kid } = await keys.signer();
    await database.close();
    clock.now += 2 * minuteMs;
    expect((await keys.signer()).kid).toBe(kid);
    expect(lines.join("")).toContain("The signing keys cannot be read");
  });
});
