import { describe, expect, it } from "vitest";
import { createApacheParser } from "./apache.ts";

const parse = (line: string) => createApacheParser()(line);
const head = "[Mon Mar 02 10:20:30.250000 2026] [auth_basic:error] [pid 7:tid 9] ";

describe("apache", () => {
  it.each([
    ['AH01617: user jo: authentication failure for "/": Password Mismatch', "jo"],
    ["AH01618: user jo@a.example not found: /private", "jo@a.example"],
  ])("error line %s is a failed sign-in", (message, user) => {
    expect(parse(`${head}[client 198.51.100.4:5123] ${message}`)).toEqual({
      kind: "outcome",
      at: Date.UTC(2026, 2, 2, 10, 20, 30, 250),
      ip: "198.51.100.4",
      outcome: "failure",
      user,
      count: 1,
    });
  });

  it("error line of an IPv6 client is read", () => {
    expect(parse(`${head}[client 2001:db8::1:5123] AH01618: user jo not found: /`)).toMatchObject({
      kind: "outcome",
    });
  });

  it("error line about anything else says nothing", () => {
    expect(parse(`${head}AH00094: Command line: 'httpd'`)).toEqual({ kind: "other" });
    expect(parse(`${head}[client 198.51.100.4:5123] AH00128: File does not exist: /x`)).toEqual({
      kind: "other",
    });
  });

  it("access line with a virtual host is read", () => {
    const line = 'a.example:443 198.51.100.4 - - [02/Mar/2026:10:20:30 +0000] "GET / HTTP/1.1" 200 5 "-" "x"';
    expect(parse(line)).toMatchObject({ kind: "request", ip: "198.51.100.4" });
  });

  it.each(["[Mon Foo 02 10:20:30 2026] x", "[notice] x", "x"])("line is none: %s", (line) => {
    expect(parse(line)).toBeUndefined();
  });
});
