import { describe, expect, it } from "vitest";
import { createSignalsParser } from "./signals.ts";

const parse = (entry: unknown) => createSignalsParser()(JSON.stringify(entry));
const signal = { type: "sign-in-failure", at: 1772446830250, ip: "198.51.100.4" };

describe("signals line", () => {
  it("is a signal with the fields that it has", () => {
    const full = {
      ...signal,
      id: "1",
      account: "a",
      device: "d",
      session: "s",
      userAgent: "",
      path: "/login",
      status: 401,
      door: "sign-in",
      place: { country: "PT", latitude: 38.7 },
    };
    expect(parse(full)).toEqual({ kind: "signal", signal: full });
    expect(parse(signal)).toEqual({ kind: "signal", signal });
  });

  it("has its address in canonical form, and its time as a number", () => {
    expect(parse({ ...signal, ip: "2001:DB8::0:1", at: "2026-03-02T10:20:30.250Z" })).toEqual({
      kind: "signal",
      signal: { ...signal, ip: "2001:db8::1" },
    });
  });

  it("has no field that signals have not", () => {
    expect(parse({ ...signal, password: "x", toString: "x" })).toEqual({ kind: "signal", signal });
  });

  it.each([
    { ...signal, type: "sign-in" },
    { ...signal, type: "constructor" },
    { ...signal, at: "soon" },
    { ...signal, at: -1 },
    { ...signal, at: 1e18 },
    { ...signal, at: null },
    { ...signal, ip: "host" },
    { ...signal, ip: 5 },
    { ...signal, account: 5 },
    { ...signal, status: "401" },
    { ...signal, place: "PT" },
    { ...signal, place: { country: 5 } },
    [signal],
    null,
  ])("is none: %j", (entry) => {
    expect(parse(entry)).toBeUndefined();
  });
});
