// Which texts are one address, and which addresses are one mailbox.

import { describe, expect, it } from "vitest";
import { isMailAddress, mailboxOf, parseMailAddress } from "./address.ts";

describe("a mail address", () => {
  it.each([
    "ada@example.com",
    "ada.lovelace+flux@mail.example.co.uk",
    "o'neill@example.com",
    "käthe@bücher.example",
    "root@localhost",
  ])("is %s", (text) => {
    expect(isMailAddress(text)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["no at", "ada"],
    ["two", "a@b.example,c@d.example"],
    ["two, apart by a semicolon", "a@b.example;c@d.example"],
    ["a group", "friends:a@b.example;"],
    ["a name and an address", "Ada <a@b.example>"],
    ["a comment", "a@b.example(hidden)"],
    ["a header", "a@b.example\r\nBcc: c@d.example"],
    ["a null byte", "a@b.example\0"],
    ["half a character", "a\ud800@b.example"],
    ["a turned direction", "a\u202e@b.example"],
    ["a quoted part", '"a b"@b.example'],
    ["an address literal", "a@[127.0.0.1]"],
    ["a route", "@evil.example:a@b.example"],
    ["two ats", "a@b@c.example"],
    ["a domain that begins with a dash", "a@-b.example"],
    ["too long", `${"a".repeat(64)}@${"b".repeat(200)}.example`],
    ["a megabyte", `a@${"b".repeat(1_000_000)}`],
  ])("is not %s", (_what, text) => {
    expect(isMailAddress(text)).toBe(false);
  });
});

describe("MAIL_FROM", () => {
  it("has a name or none", () => {
    expect(parseMailAddress(" Ada Lovelace <ada@example.com> ")).toEqual({
      name: "Ada Lovelace",
      address: "ada@example.com",
    });
    expect(parseMailAddress("ada@example.com")).toEqual({ name: "", address: "ada@example.com" });
  });

  it.each(["", "Ada", "Ada <ada>", "A\nBcc: x <a@b.example>", "a@b.example, c@d.example"])(
    "is not %j",
    (text) => {
      expect(parseMailAddress(text)).toBeUndefined();
    },
  );
});

it("one mailbox has many spellings, and other people have others", () => {
  for (const spelling of ["Ada.L@example.com", "adal+news@example.com", "a.d.a.l+@EXAMPLE.com"]) {
    expect(mailboxOf(spelling)).toBe("adal@example.com");
  }
  expect(mailboxOf("adal@example.org")).not.toBe(mailboxOf("adal@example.com"));
  expect(mailboxOf("ad@example.com")).not.toBe(mailboxOf("adal@example.com"));
});
