import { describe, expect, it } from "vitest";
import { addressOf, isId, limitOf, oneOf, scopeOf } from "./arguments.ts";
import { durationOf } from "./duration.ts";

const usage = (words: string) =>
  expect.objectContaining({ code: "USAGE", message: expect.stringContaining(words) });

describe("an argument", () => {
  it("that is right is taken", () => {
    expect([limitOf("1", 500), limitOf("500", 500)]).toEqual(["1", "500"]);
    expect(scopeOf("account+ip")).toBe("account+ip");
    expect(addressOf("2001:DB8::1")).toBe("2001:DB8::1");
    expect(isId("01a210c4-f005-7ac6-a644-25d128e160d3")).toBe(true);
    expect([durationOf("1s"), durationOf("12h"), durationOf("366d")]).toEqual([
      1_000, 43_200_000, 31_622_400_000,
    ]);
  });

  it.each(["abc", "0", "501", "-1", "1.5", "1e2", "", " 1"])("--limit %j is refused", (text) => {
    expect(() => limitOf(text, 500)).toThrow(usage(`from 1 to 500; not "${text}"`));
  });

  it.each(["0s", "367d", "12", "h", "1w", "-1h"])("--for %j is refused", (text) => {
    expect(() => durationOf(text)).toThrow(usage(`not "${text}"`));
  });

  it("that is none of the words is refused with all of them", () => {
    expect(() => oneOf("ROLE", ["user", "moderator", "admin"], "owner")).toThrow(
      usage('ROLE is "owner". Write user, moderator or admin.'),
    );
    expect(() => scopeOf("toString")).toThrow(usage("ip, ip-prefix, account, account+ip, device"));
  });

  it.each(["nope", "203.0.113.0/24", "1.2.3"])("--ip %s is refused", (text) => {
    expect(() => addressOf(text)).toThrow(usage(`"${text}" is none`));
  });
});
