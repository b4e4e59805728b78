// What a caller says of its trace is taken over when it is exactly as the standard wants it, and our own id never comes from it.

import { describe, expect, it } from "vitest";
import { createTraceIds, formatTraceparent } from "./trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const good = `00-${traceId}-${parent}-01`;

describe("traceparent", () => {
  it("that is right names the trace and says whether it is recorded", () => {
    const identify = createTraceIds();
    expect(identify(good)).toMatchObject({ traceId, isSampled: true });
    expect(identify(`00-${traceId}-${parent}-00`)).toMatchObject({ traceId, isSampled: false });
    expect(identify(`00-${traceId}-${parent}-fe`)).toMatchObject({ traceId, isSampled: false });
  });

  it("of a later version may have more behind it", () => {
    const identify = createTraceIds();
    expect(identify(`cc-${traceId}-${parent}-01`).traceId).toBe(traceId);
    expect(identify(`cc-${traceId}-${parent}-01-what-the-future-brings`).traceId).toBe(traceId);
  });

  it.each([
    ["nothing", undefined],
    ["an empty one", ""],
    ["version ff", `ff-${traceId}-${parent}-01`],
    ["more than version 00 has", `${good}-more`],
    ["a later version that goes on without a dash", `cc-${traceId}-${parent}-01more`],
    ["no trace", `00-${"0".repeat(32)}-${parent}-01`],
    ["no parent", `00-${traceId}-${"0".repeat(16)}-01`],
    ["capitals", good.toUpperCase()],
    ["a short trace", `00-${traceId.slice(1)}-${parent}-01`],
    ["other characters", `00-${traceId.slice(1)}g-${parent}-01`],
    ["space around it", ` ${good}`],
    ["two of them", `${good}, ${good}`],
    ["a line behind it", `${good}\n`],
    ["a long one", `cc-${traceId}-${parent}-01-${"x".repeat(1_000)}`],
  ])("%s is none, and has no answer", (_, text) => {
    const own = createTraceIds()(text);
    expect(own).toEqual({ requestId: own.requestId, traceId: undefined, isSampled: false });
    expect(formatTraceparent(own)).toBeUndefined();
  });

  it("does not choose the id of the request, which no other has", () => {
    const identify = createTraceIds();
    const ids = Array.from({ length: 1_000 }, () => identify(good).requestId);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids).not.toContain(parent);
  });

  it("is answered with the caller's trace and our id", () => {
    const made = createTraceIds((buffer) => void buffer.fill(0xab))(good);
    expect(formatTraceparent(made)).toBe(`00-${traceId}-${"ab".repeat(8)}-01`);
  });
});
