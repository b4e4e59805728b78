// What links say they are for.

import { expect, it } from "vitest";
import { linkKindOf } from "./link-kind.ts";

const tokenOf = (payload: object) =>
  ["head", Buffer.from(JSON.stringify(payload)).toString("base64url"), "signature"].join(".");

it.each([
  [{ email: "a@example.com" }, "sign-up"],
  [{ requestType: "change-email-confirmation", updateTo: "ü?>@example.com" }, "change-asked"],
  [{ requestType: "change-email-verification" }, "change-done"],
])("%o is %s", (payload, kind) => {
  expect(linkKindOf(tokenOf(payload))).toBe(kind);
});

it.each(["", "abc", "a.b.c", "a.%%%.c"])("%j, which is no such token, is left to the server", (token) => {
  expect(linkKindOf(token)).toBe("sign-up");
});
