// Rule settings: what operators write, and every mistake in it at once.

import { describe, expect, it } from "vitest";
import { builtInRules } from "./rules/index.ts";
import { resolveSettings } from "./settings.ts";

describe("rule settings", () => {
  it("keep the defaults where nothing is said", () => {
    const settings = resolveSettings(builtInRules, { "brute-force": { threshold: 7 } });
    expect(settings.get("brute-force")).toMatchObject({ threshold: 7, windowMs: 300_000, mode: "enforce" });
  });

  it("report all mistakes at once, each by its name", () => {
    const wrong = {
      "brute-farce": {},
      "brute-force": { threshold: 0, mode: "off", windowMs: 1.5, respond: 1 },
      "bot-activity": { response: { action: "block", scope: "planet", durationMs: 1 } },
    };
    let message = "";
    try {
      resolveSettings(builtInRules, wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split("\n")).toHaveLength(6);
    for (const name of ["brute-farce", "threshold", "mode", "windowMs", "respond", "scope"])
      expect(message).toContain(name);
  });

  it("must be an object", () => {
    for (const wrong of [null, [], "x", { "brute-force": null }]) {
      expect(() => resolveSettings(builtInRules, wrong)).toThrow(
        expect.objectContaining({ code: "INVALID_RULES" }),
      );
    }
  });
});
