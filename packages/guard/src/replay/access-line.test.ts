import { describe, expect, it } from "vitest";
import { createAccessLineParser } from "./access-line.ts";

const parse = (line: string) => createAccessLineParser()(line);
const time = "[02/Mar/2026:10:20:30 +0000]";
const at = Date.UTC(2026, 2, 2, 10, 20, 30);

describe("access line", () => {
  it("is read in combined format", () => {
    const line = `198.51.100.4 - - ${time} "POST /login?next=/ HTTP/1.1" 401 98 "https://a.example/" "Agent/1.0 (x)"`;
    expect(parse(line)).toEqual({
      kind: "request",
      at,
      ip: "198.51.100.4",
      method: "POST",
      target: "/login?next=/",
      status: 401,
      userAgent: "Agent/1.0 (x)",
      authFailed: false,
      user: undefined,
    });
  });

  it("is read in common format, where the agent is not known", () => {
    expect(parse(`198.51.100.4 - - ${time} "GET / HTTP/1.1" 200 -`)).toMatchObject({
      status: 200,
      userAgent: undefined,
    });
  });

  it.each([
    ["-", ""],
    ["", ""],
    ['say \\"hi\\" \\\\', 'say \\"hi\\" \\\\'],
  ])("has the agent %j as %j", (written, agent) => {
    expect(
      parse(`198.51.100.4 - - ${time} "GET / HTTP/1.1" 200 5 "-" "${written}" "203.0.113.1"`),
    ).toMatchObject({
      userAgent: agent,
    });
  });

  it.each([
    ["2001:DB8::0001", "2001:db8::1"],
    ["::ffff:198.51.100.4", "198.51.100.4"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["shop.example:443 198.51.100.4", "198.51.100.4"],
    ["203.0.113.80 198.51.100.4", "198.51.100.4"],
    ["Mar  2 10:20:30 web1 nginx[77]: 198.51.100.4", "198.51.100.4"],
    ["<190>Mar  2 10:20:30 web1 nginx: 198.51.100.4", "198.51.100.4"],
    ["2026-03-02T10:20:30.123+01:00 web1 nginx[77]: 198.51.100.4", "198.51.100.4"],
  ])("of client %j comes from %s", (client, ip) => {
    expect(parse(`${client} - - ${time} "GET / HTTP/1.1" 200 5 "-" "-"`)).toMatchObject({
      ip,
      user: undefined,
    });
  });

  it.each([
    ["-0430", 4.5],
    ["+0200", -2],
  ])("has its time in the zone %s", (zone, hours) => {
    const line = `198.51.100.4 - - [02/Mar/2026:10:20:30 ${zone}] "GET / HTTP/1.1" 200 5`;
    expect(parse(line)).toMatchObject({ at: at + hours * 3_600_000 });
  });

  it("tells neighbouring lines of different seconds apart", () => {
    const parser = createAccessLineParser();
    const times = ["30", "30", "31", "30"].map((second) => {
      const parsed = parser(`198.51.100.4 - - [02/Mar/2026:10:20:${second} +0000] "GET / HTTP/1.1" 200 5`);
      return parsed?.kind === "request" ? parsed.at - at : undefined;
    });
    expect(times).toEqual([0, 0, 1000, 0]);
  });

  it.each(["\\x16\\x03\\x01", "", "-", "HELP", 'a \\" 401 5 \\"', "lv|'|'|x"])(
    "with the request %j still has a client and a status",
    (request) => {
      expect(parse(`198.51.100.4 - - ${time} "${request}" 400 0 "-" "-"`)).toMatchObject({
        ip: "198.51.100.4",
        status: 400,
      });
    },
  );

  it("is read when a program did not escape quotes in the request", () => {
    expect(parse(`198.51.100.4 - - ${time} "GET /?a="b" HTTP/1.1" 404 0 "-" "x"`)).toMatchObject({
      target: '/?a="b"',
      status: 404,
      userAgent: "x",
    });
  });

  it("with a user name and 401 is a failed HTTP authentication", () => {
    expect(parse(`198.51.100.4 - jo ${time} "GET / HTTP/1.1" 401 5`)).toMatchObject({
      authFailed: true,
      user: "jo",
    });
    expect(parse(`198.51.100.4 - jo ${time} "GET / HTTP/1.1" 200 5`)).toMatchObject({ authFailed: false });
    expect(parse(`198.51.100.4 - - ${time} "GET / HTTP/1.1" 401 5`)).toMatchObject({ authFailed: false });
  });

  it("blames nobody whose address is only part of a user name", () => {
    const line = `198.51.100.4 - 203.0.113.9 - - [x] [01/Jan/20 ${time} "GET / HTTP/1.1" 401 5`;
    expect(parse(line)).toMatchObject({ ip: "198.51.100.4", at });
  });

  it.each([
    "",
    "198.51.100.4",
    `host.example - - ${time} "GET / HTTP/1.1" 200 5`,
    `999.1.1.1 - - ${time} "GET / HTTP/1.1" 200 5`,
    `198.51.100.4 - - [32/Mar/2026:10:20:30 +0000] "GET / HTTP/1.1" 200 5`,
    `198.51.100.4 - - [02/Foo/2026:10:20:30 +0000] "GET / HTTP/1.1" 200 5`,
    `198.51.100.4 - - ${time} "GET / HTTP/1.1" 20x 5`,
    `198.51.100.4 - - ${time} "GET / HTTP/1.1"`,
    `198.51.100.4 - - ${time} "GET / HTTP/1.1`,
    `198.51.100.4 - - [02/Mar/2026:10:20:30 +0000`,
    "\0\0\0\0",
  ])("is none: %j", (line) => {
    expect(parse(line)).toBeUndefined();
  });

  it.each([" [", '"', '\\"', '" ', " [01/Jan/", "\\", "a [b-c-d-e-"])(
    "of 200,000 repeated characters %j is read in one pass",
    (piece) => {
      const flood = piece.repeat(200_000 / piece.length);
      parse(flood);
      parse(`198.51.100.4 - ${flood} ${time} "${flood}" 200 5 "${flood}" "${flood}`);
    },
  );
});
