import { describe, expect, it } from "vitest";
import { createNginxParser } from "./nginx.ts";

const parse = (line: string) => createNginxParser()(line);
const head = "2026/03/02 10:20:30 [error] 12#12: *7 ";
const tail = ', client: 198.51.100.4, server: _, request: "GET / HTTP/1.1", host: "a.example"';

describe("nginx error line", () => {
  it.each([
    ['user "jo" was not found in "/etc/nginx/users"', "jo"],
    ['user "jo": password mismatch', "jo"],
  ])("%s is a failed sign-in", (message, user) => {
    expect(parse(head + message + tail)).toEqual({
      kind: "outcome",
      at: Date.UTC(2026, 2, 2, 10, 20, 30),
      ip: "198.51.100.4",
      outcome: "failure",
      user,
      count: 1,
    });
  });

  it("behind a syslog head is read too", () => {
    expect(
      parse(`<187>Mar  2 10:20:30 web1 nginx: ${head}user "jo": password mismatch${tail}`),
    ).toMatchObject({
      kind: "outcome",
      user: "jo",
    });
  });

  it("about anything else says nothing", () => {
    expect(parse(`${head}limiting requests, excess: 5.1 by zone "z"${tail}`)).toEqual({ kind: "other" });
    expect(parse(`${head}open() "/x" failed (2: No such file or directory)${tail}`)).toEqual({
      kind: "other",
    });
  });

  it("blames nobody whom a user name names as the client", () => {
    const name = 'x": password mismatch, client: 203.0.113.9, server: _';
    expect(parse(`${head}user "${name}": password mismatch${tail}`)).toEqual({ kind: "other" });
  });

  it("takes the client from before the request, whatever the referrer says", () => {
    const line = `${head}user "jo": password mismatch${tail}, referrer: "a, client: 203.0.113.9, server: _"`;
    expect(parse(line)).toMatchObject({ ip: "198.51.100.4" });
  });

  it.each(["2026/13/02 10:20:30 [error] 1#1: x", "2026/03/02 10:20:30 error", "2026/"])(
    "is none: %s",
    (line) => {
      expect(parse(line)).toBeUndefined();
    },
  );
});
