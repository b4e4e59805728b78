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
