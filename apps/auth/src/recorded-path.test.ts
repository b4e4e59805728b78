// A path is written down with the words of routes only.

import { expect, it } from "vitest";
import { createRecordedPath } from "./recorded-path.ts";

const recordedPath = createRecordedPath(() => ["/api/auth/sign-in/email", "/api/auth/reset-password/:token"]);

it.each([
  ["/api/auth/sign-in/email", "/api/auth/sign-in/email"],
  ["/api/auth/reset-password/b7Qe0Zr1", "/api/auth/reset-password/*"],
  ["/api/auth/sign-in/email/hunter2/", "/api/auth/sign-in/email/*/"],
  ["/api/auth/%73ign-in/Email", "/api/auth/*/*"],
  ["/.env", "/*"],
  ["/", "/"],
])("%s is recorded as %s", (path, recorded) => {
  expect(recordedPath(path)).toBe(recorded);
});

it("a path that is longer than any route is cut", () => {
  expect(recordedPath("/a".repeat(10_000))).toBe("/*".repeat(256));
  expect(recordedPath(`/api/auth/reset-password/${"a".repeat(10_000)}`)).toBe("/api/auth/reset-password/*");
});
