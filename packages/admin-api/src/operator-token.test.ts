// The short-lived operator token is worth nothing after a minute, with another secret, or changed in any character.

import { describe, expect, it } from "vitest";
import { signOperatorToken, verifyOperatorToken } from "./operator-token.ts";

const secret = "8Qm1vX0c2yq7WfJZr5tKp9LhNd3sGbEa";
const now = 1_795_000_000_500;
const token = signOperatorToken(secret, now);

describe("an operator token", () => {
  it("is accepted until its minute is over", () => {
    expect(token).toMatch(/^fluxop_1795000060_[\w-]{43}$/);
    expect(verifyOperatorToken(secret, token, now)).toBe(true);
    expect(verifyOperatorToken(secret, token, 1_795_000_059_999)).toBe(true);
    expect(verifyOperatorToken(secret, token, 1_795_000_060_000)).toBe(false);
  });

  it("is refused when it would last longer than a minute", () => {
    expect(verifyOperatorToken(secret, signOperatorToken(secret, now + 60_000), now)).toBe(false);
  });

  it("is refused with another secret", () => {
    expect(verifyOperatorToken(`${secret}x`, token, now)).toBe(false);
  });

  it("is refused when any character is changed", () => {
    // The last character has two spare bits, so a change of it may decode to the same bytes; that is not a forgery.
    for (let at = 0; at < token.length - 1; at++) {
      const changed = token.slice(0, at) + (token[at] === "1" ? "2" : "1") + token.slice(at + 1);
      expect(verifyOperatorToken(secret, changed, now), changed).toBe(false);
    }
  });

  it.each(["", "fluxop_", "fluxop_1795000060_", `${token}\n`, ` ${token}`, token.slice(0, -1), "flux_x"])(
    "is refused as %j",
    (text) => {
      expect(verifyOperatorToken(secret, text, now)).toBe(false);
    },
  );
});
