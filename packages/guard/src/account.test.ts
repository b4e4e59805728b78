// Account hashes: spellings share one, keys do not.

import { expect, it } from "vitest";
import { createAccountKey } from "./account.ts";

const account = createAccountKey(Buffer.alloc(32, 1));

it("spellings of one address share a hash: case, spaces, Unicode forms", () => {
  const spellings = [
    "jose\u0301@example.com",
    "JOS\u00c9@example.com",
    "  jos\u00e9@EXAMPLE.com ",
    "\uff4aos\u00e9@example.com",
  ];
  expect(new Set(spellings.map(account)).size).toBe(1);
});

it("the hash says nothing about the address, and depends on the key", () => {
  expect(account("a@example.com")).toMatch(/^[\w-]{22}$/);
  expect(createAccountKey(Buffer.alloc(32, 2))("a@example.com")).not.toBe(account("a@example.com"));
});
