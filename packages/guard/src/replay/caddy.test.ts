import { describe, expect, it } from "vitest";
import { createCaddyParser } from "./caddy.ts";
import { utf8 } from "./parsed-line.ts";

const parse = (entry: unknown) => createCaddyParser()(Buffer.from(JSON.stringify(entry)).toString("latin1"));
const request = {
  client_ip: "198.51.100.4",
  method: "POST",
  uri: "/login",
  headers: { "User-Agent": ["x/1"] },
};
const entry = { level: "info", ts: 1772446830.25, request, status: 401, user_id: "", resp_headers: {} };

describe("caddy line", () => {
  it("is read", () => {
    expect(parse(entry)).toEqual({
      kind: "request",
      at: 1772446830250,
      ip: "198.51.100.4",
      method: "POST",
      target: "/login",
      status: 401,
      userAgent: "x/1",
      authFailed: false,
      user: undefined,
    });
  });

  it("of a trusted proxy's client counts for the client", () => {
    expect(parse({ ...entry, request: { ...request, remote_ip: "10.0.0.1" } })).toMatchObject({
      ip: "198.51.100.4",
    });
  });

  it.each([
    [{ remote_ip: "2001:db8::1" }, "2001:db8::1"],
    [{ remote_addr: "198.51.100.4:80" }, "198.51.100.4"],
    [{ remote_addr: "[2001:db8::1]:80" }, "2001:db8::1"],
  ])("with %j comes from %s", (client, ip) => {
    expect(parse({ ...entry, request: client })).toMatchObject({ ip });
  });

  it.each([1772446830250, "2026-03-02T10:20:30.250Z", 1772446830250000000])("of time %j is read", (ts) => {
    expect(parse({ ...entry, ts })).toMatchObject({ at: 1772446830250 });
  });

  it("knows a client that sent no agent from headers that are not logged", () => {
    expect(parse({ ...entry, request: { ...request, headers: {} } })).toMatchObject({ userAgent: "" });
    expect(parse({ ...entry, request: { ...request, headers: undefined } })).toMatchObject({
      userAgent: undefined,
    });
  });

  it("with 401 and a Basic challenge is a failed HTTP authentication", () => {
    const challenged = { ...entry, resp_headers: { "Www-Authenticate": ['Basic realm="x"'] } };
    expect(parse(challenged)).toMatchObject({ authFailed: true });
    expect(parse({ ...challenged, status: 200 })).toMatchObject({ authFailed: false });
    expect(parse({ ...entry, resp_headers: { "Www-Authenticate": ["Bearer"] } })).toMatchObject({
      authFailed: false,
    });
  });

  it("keeps characters beyond ASCII", () => {
    const parsed = parse({ ...entry, request: { ...request, uri: "/é/日" } });
    expect(utf8((parsed as { target: string }).target)).toBe("/é/日");
  });

  it("about something else says nothing", () => {
    expect(parse({ level: "info", ts: 1772446830, msg: "serving initial configuration" })).toEqual({
      kind: "other",
    });
  });

  it.each([
    {},
    [],
    null,
    1,
    { ...entry, ts: "soon" },
    { ...entry, ts: -1 },
    { ...entry, ts: 1e300 },
    { ...entry, request: { ...request, client_ip: "x" } },
    { ts: 1, request: 5, status: 200 },
  ])("is none: %j", (value) => {
    expect(parse(value)).toBeUndefined();
  });

  it("that is cut off or nested without end is none", () => {
    expect(createCaddyParser()('{"ts":1772446830,"req')).toBeUndefined();
    expect(createCaddyParser()(`{"a":${"[".repeat(200_000)}`)).toBeUndefined();
  });
});
