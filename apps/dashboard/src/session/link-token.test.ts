// The token of a mailed link leaves the address, and everything else stays.

import { expect, it } from "vitest";
import { splitToken } from "./split-token.ts";

it.each([
  ["/reset-password", "?token=abc", "", "abc", "/reset-password"],
  ["/verify-email", "?token=a.b-c_d&lang=de", "#top", "a.b-c_d", "/verify-email?lang=de#top"],
  ["/sign-in", "?next=%2Faccount", "", undefined, "/sign-in?next=%2Faccount"],
])("%s%s%s", (pathname, search, hash, token, rest) => {
  expect(splitToken({ pathname, search, hash })).toEqual({ token, rest });
});
