// Of secrets as they are drawn nearly every one is known for random, and of the names in our own programs nearly none is.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { looksLikeBackupCode, looksRandom } from "./looks-random.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";

/** As if at random, and the same each time. */
function drawn(alphabet: string, length: number, seed: number): string {
  const bytes = createHash("shake256", { outputLength: length }).update(`${alphabet} ${seed}`).digest();
  return [...bytes].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** How many of `times` are taken for names. */
const missed = (alphabet: string, length: number, times: number): number =>
  Array.from({ length: times }, (_, seed) => drawn(alphabet, length, seed)).filter((one) => !looksRandom(one))
    .length;

it.each([
  ["a token that resets a password", lower + upper + digits, 24],
  ["a session's token", lower + upper + digits, 32],
  ["a device, or a family of refresh tokens", `${lower}${upper}${digits}-_`, 22],
  ["an operator's token, or a link of an owner", `${lower}${upper}${digits}-_`, 43],
  ["a token that deletes an account", lower + digits, 32],
  ["a secret of a second factor", `${upper}234567`, 52],
])("%s is known for one", (_, alphabet, length) => {
  expect(missed(alphabet, length, 20_000)).toBe(0);
});

it.each([
  ["small and large letters", lower + upper, 24],
  ["small letters", lower, 26],
  ["large letters", upper, 32],
])("so is one of %s alone, but for one in several hundred", (_, alphabet, length) => {
  expect(missed(alphabet, length, 5_000)).toBeLessThan(10);
});

it("a UUID that begins with its time is an id, and any other may be a password", () => {
  expect(looksRandom("01a21072-08af-7b3f-99f8-733d7446cd96")).toBe(false);
  expect(looksRandom("0ad73c52-61c1-4d0f-9be3-1ad4a14a8dcb")).toBe(true);
});

it("backup codes mix letters and digits, words and numbers do not", () => {
  const codes = Array.from({ length: 2_000 }, (_, seed) => drawn(lower + upper + digits, 10, seed));
  const known = codes.filter((code) => looksLikeBackupCode(`${code.slice(0, 5)}-${code.slice(5)}`));
  expect(known.length).toBeGreaterThan(1_990);
  for (const word of ["short-lived", "Redis-Store", "error-12345", "HTTPS-PROXY"])
    expect(looksLikeBackupCode(word), word).toBe(false);
});

it("names in our own programs are none", () => {
  const root = join(import.meta.dirname, "../../../..");
  const names = new Set<string>();
  for (const place of ["packages/guard/src", "packages/telemetry/src", "apps/auth/src"]) {
    for (const file of readdirSync(join(root, place), { recursive: true, encoding: "utf8" })) {
      if (!/\.(?:ts|lua)$/.test(file) || file.includes("test") || file.endsWith("looks-random.ts")) continue;
      const text = readFileSync(join(root, place, file), "utf8");
      for (const [name] of text.matchAll(/(?<![\w-])[A-Za-z_-]{20,}(?![\w-])/g)) names.add(name);
    }
  }
  expect(names.size).toBeGreaterThan(200);
  expect([...names].filter((name) => /[a-z]/i.test(name) && looksRandom(name))).toEqual([]);
});
