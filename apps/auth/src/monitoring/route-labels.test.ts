// A request is counted under the pattern of its route, and under `other` when none serves it.

import { expect, it } from "vitest";
import { createRecordedPath } from "../recorded-path.ts";
import { createRouteLabels } from "./route-labels.ts";

const routes = [
  { method: "POST", path: "/api/auth/sign-in/email" },
  { method: "GET", path: "/api/auth/reset-password/:token" },
  { method: "ALL", path: "/api/auth/*" },
  { method: "DELETE", path: "/decisions/:id" },
];
const labelOf = createRouteLabels(
  () => routes,
  createRecordedPath(() => routes.map(({ path }) => path)),
);

it.each([
  ["POST", "/api/auth/sign-in/email", "POST", "/api/auth/sign-in/email"],
  ["GET", "/api/auth/reset-password/Xy12", "GET", "/api/auth/reset-password/:token"],
  ["HEAD", "/api/auth/reset-password/Xy12", "HEAD", "/api/auth/reset-password/:token"],
  ["DELETE", "/decisions/1", "DELETE", "/decisions/:id"],
  // No route serves these.
  ["GET", "/api/auth/sign-in/email", "GET", "other"],
  ["POST", "/api/auth/sign-in/email/sign-in", "POST", "other"],
  ["GET", "/api/auth/*", "GET", "other"],
  ["BREW", "/api/auth/sign-in/email", "other", "other"],
  ["__proto__", "/", "other", "other"],
])("%s %s is %s %s", (method, path, labelled, route) => {
  expect(labelOf(method, path)).toEqual({ method: labelled, route });
});
