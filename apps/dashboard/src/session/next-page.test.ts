// Where signing in leads: to a page of this origin, whatever the address says.

import { expect, it } from "vitest";
import { nextPage, signInPathFor } from "./next-page.ts";

const origin = "https://auth.example.com";
const after = (next: string) => nextPage(`?${new URLSearchParams({ next })}`, origin);

it("leads back to the page that asked for it", () => {
  const { search } = new URL(signInPathFor("/account/devices?all=1"), origin);
  expect(nextPage(search, origin)).toBe("https://auth.example.com/account/devices?all=1");
});

it("leads to the account when no page asked", () => {
  expect(nextPage("", origin)).toBe("https://auth.example.com/account");
});

it.each([
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "/\t/evil.example",
  "javascript:alert(1)",
  "/..//evil.example",
])("never leads elsewhere: %j", (next) => {
  expect(new URL(after(next), "https://elsewhere.example").origin).toBe(origin);
});
