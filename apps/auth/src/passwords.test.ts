// Real hashes: right and wrong, old ones replaced, and one address cannot use up the machine for the others.

import { availableParallelism } from "node:os";
import { type ClientContext, clientContext } from "@fluxstudio/guard/client-context";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { expect, it } from "vitest";
import { createPasswords } from "./passwords.ts";

const password = "correct horse battery staple";
const from = (ip: string): ClientContext => ({
  ip,
  userAgent: undefined,
  method: "POST",
  path: "/api/auth/sign-in/email",
  door: "sign-in",
});

it("calls right what was hashed, and wrong anything else", async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash(password);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify({ hash, password })).toBe(true);
  expect(await passwords.verify({ hash, password: `${password}!` })).toBe(false);
});

it("an old bcrypt hash verifies and is handed over for replacement, once, to whoever gave the right password", async () => {
  const passwords = createPasswords();
  const old = await bcryptHash(password, { cost: 4 });
  await clientContext.run(from("192.0.2.1"), async () => {
    expect(await passwords.verify({ hash: old, password: "wrong" })).toBe(false);
    expect(passwords.takeRehash()).toBeUndefined();
    expect(await passwords.verify({ hash: old, password })).toBe(true);
    const rehash = passwords.takeRehash();
    expect(rehash?.from).toBe(old);
    expect(await passwords.verify({ hash: rehash?.to ?? "", password })).toBe(true);
    expect(passwords.takeRehash()).toBeUndefined();
  });
});

it("a locked account's right password is called wrong, and nothing is replaced", async () => {
  const passwords = createPasswords();
  const old = await bcryptHash(password, { cost: 4 });
  await clientContext.run({ ...from("192.0.2.1"), locked: true }, async () => {
    expect(await passwords.verify({ hash: old, password })).toBe(false);
    expect(passwords.takeRehash()).toBeUndefined();
  });
});

it("a flood from one address is told to wait, and another address signs in", async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash(password);
  const guess = (ip: string, guessed: string) =>
    clientContext.run(from(ip), () => passwords.verify({ hash, password: guessed }));
  // More than all together may wait; each from another address of the same IPv6 /64.
  const flood = Array.from({ length: 300 }, (_, i) => guess(`2001:db8::${i.toString(16)}`, `guess ${i}`));
  const answers = Promise.allSettled(flood);
  expect(await guess("2001:db8:0:1::1", password)).toBe(true);
  const [busy, checked] = ["rejected", "fulfilled"].map((status) =>
    answers.then((all) => all.filter((answer) => answer.status === status)),
  );
  expect(await checked).toEqual(
    Array(16 + availableParallelism()).fill({ status: "fulfilled", value: false }),
  );
  const told = { statusCode: 503, body: { code: "BUSY" }, headers: { "Retry-After": "3" } };
  for (const answer of (await busy) ?? []) expect(answer).toMatchObject({ reason: told });
});
