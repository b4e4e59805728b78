// What `flux explain ip` says about a reputation: the score, what follows from it, and what has moved it.

import type { ExplainAnswer } from "@fluxstudio/admin-api";
import { describe, expect, it } from "vitest";
import { inWords } from "./explain.ts";

const ip = "203.0.113.7";
const at = Date.UTC(2026, 0, 5, 9);
const nothing = { scope: "ip", value: ip, decisions: [], offences: 0, windows: [] } as const;
const explained = (reputation: ExplainAnswer["reputation"]) => inWords({ ...nothing, reputation });

describe("flux explain ip", () => {
  it("shows the score with what has moved it, newest first, and when", () => {
    const moves = [
      { at, by: "brute-force", points: -5, times: 1 },
      { at: at - 3_600_000, by: "sign-in-success", points: 1.234, times: 13 },
      { at: at - 7_200_000, by: "sign-in-success", points: 0.1, times: 1 },
    ];
    expect(explained({ score: 35.103, level: "low", mode: "enforce", moves })).toEqual([
      `ip ${ip}`,
      "reputation: 35.1 of 100, low, so thresholds are halved",
      "moved: -5 at 2026-01-05T09:00:00Z by brute-force",
      "moved: +1.2 at 2026-01-05T08:00:00Z by sign-ins of 13 accounts",
      "moved: +0.1 at 2026-01-05T07:00:00Z by sign-ins of one account",
      "nothing is counted or decided",
    ]);
  });

  it("says what would follow when the rule is in monitor", () => {
    const moves = [{ at, by: "brute-force", points: -5, times: 1 }];
    expect(explained({ score: 61, level: "high", mode: "monitor", moves })[1]).toBe(
      "reputation: 61 of 100, high, so thresholds are doubled, but not for one account, if it were enforced",
    );
    expect(explained({ score: 45, level: "neutral", mode: "monitor", moves })[1]).toBe(
      "reputation: 45 of 100, neutral, so thresholds are as set",
    );
  });

  it("says why an address has none: nothing has moved it, it is private, or the store is away", () => {
    const neutral = { score: 50, level: "neutral", mode: "enforce", moves: [] } as const;
    expect(explained(neutral)[1]).toBe("reputation: 50 of 100");
    expect(explained({ ...neutral, unknown: "private" })[1]).toBe(
      "reputation: none, as this is a private address",
    );
    expect(explained({ ...neutral, unknown: "store-unavailable" })[1]).toBe(
      "reputation: not known at present, as the store is away, so neutral",
    );
  });

  it("names the list that an address is on, its line, and the way off it", () => {
    const decision: ExplainAnswer["decisions"][number] = {
      id: "block 203.0.113.0/24 /etc/blocked.txt",
      action: "block",
      origin: "feed",
      scope: "ip-prefix",
      value: "203.0.113.0/24",
      createdAt: at,
      until: null,
      reason: "/etc/blocked.txt, line 1",
    };
    expect(inWords({ ...nothing, decisions: [decision] })).toEqual([
      `ip ${ip}`,
      "decided: block ip-prefix 203.0.113.0/24, by feed: /etc/blocked.txt, line 1",
      `released when the list no longer names it, or by: flux decisions add allow ip ${ip}`,
    ]);
  });

  it("says nothing about it for another scope", () => {
    expect(inWords({ ...nothing, scope: "account", value: "a" })).toEqual([
      "account a",
      "nothing is counted or decided",
    ]);
  });
});
