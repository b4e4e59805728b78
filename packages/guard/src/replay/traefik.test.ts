import { describe, expect, it } from "vitest";
import { createTraefikParser } from "./traefik.ts";

const parse = createTraefikParser();
const entry = {
  ClientHost: "198.51.100.4",
  ClientUsername: "-",
  DownstreamStatus: 401,
  RequestMethod: "POST",
  RequestPath: "/login",
  StartUTC: "2026-03-02T10:20:30.250123456Z",
  time: "2026-03-02T10:20:31Z",
};
const at = Date.UTC(2026, 2, 2, 10, 20, 30);

describe("traefik line", () => {
  it("in JSON is read", () => {
    expect(parse(JSON.stringify({ ...entry, "request_User-Agent": "x/1" }))).toEqual({
      kind: "request",
      at: at + 250,
      ip: "198.51.100.4",
      method: "POST",
      target: "/login",
      status: 401,
      userAgent: "x/1",
      authFailed: false,
      user: undefined,
    });
  });

  it("without the agent does not know it", () => {
    expect(parse(JSON.stringify(entry))).toMatchObject({ userAgent: undefined });
  });

  it("with 401 and a user name is a failed HTTP authentication", () => {
    expect(parse(JSON.stringify({ ...entry, ClientUsername: "jo" }))).toMatchObject({
      authFailed: true,
      user: "jo",
    });
  });

  it("in its own common format is read", () => {
    const line =
      '198.51.100.4 - - [02/Mar/2026:10:20:30 +0000] "POST /login HTTP/2.0" 401 12 "-" "x/1" 1 "r@docker" "http://10.0.0.2:80" 5ms';
    expect(parse(line)).toMatchObject({ at, target: "/login", status: 401, userAgent: "x/1" });
    const left = line.replace(" 401 12 ", " - - ");
    expect(parse(left)).toMatchObject({ at, target: "/login", status: 0, userAgent: "x/1" });
  });

  it.each(["{}", "[]", "{", JSON.stringify({ ...entry, ClientHost: "x" }), "x"])("is none: %s", (line) => {
    expect(parse(line)).toBeUndefined();
  });
});
