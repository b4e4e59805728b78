// Verified tokens are remembered up to a number, whatever comes.

import { expect, it } from "vitest";
import { readClaims } from "./claims.ts";
import { payload, start } from "./test-issuer.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

const claims = readClaims(payload(start));

it("are found again by their whole text only", () => {
  const tokens = createVerifiedTokens(10);
  tokens.add("token", claims);
  expect(tokens.get("token")).toBe(claims);
  expect(tokens.get("toke")).toBeUndefined();
  expect(tokens.get("token ")).toBeUndefined();
});

it("are as many as allowed after a million others, and those in use stay", () => {
  const tokens = createVerifiedTokens(100);
  tokens.add("in use", claims);
  for (let i = 0; i < 1_000_000; i++) {
    tokens.add(`${i}`, claims);
    if (i % 50 === 0) tokens.get("in use");
  }
  expect(tokens.get("in use")).toBe(claims);
  const kept = Array.from({ length: 300 }, (_, i) => tokens.get(`${1_000_000 - 1 - i}`)).filter(Boolean);
  expect(kept).toHaveLength(99);
});

it("are none when none are allowed", () => {
  const tokens = createVerifiedTokens(0);
  tokens.add("token", claims);
  expect(tokens.get("token")).toBeUndefined();
});
