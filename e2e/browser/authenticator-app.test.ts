// The codes of RFC 6238, appendix B, of which authenticator apps show the last six digits.

import { expect, it } from "vitest";
import { codeOf } from "./authenticator-app.ts";

it.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [20_000_000_000, "353130"],
])("after %i seconds the code is %s", (seconds, code) => {
  expect(codeOf("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", seconds * 1000)).toBe(code);
});
