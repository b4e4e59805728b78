// IP lists in the engine: an allowlist before a blocklist, and neither before what an admin or a rule decided.

import { expect, it } from "vitest";
import { createGuard } from "./engine.ts";
import type { SecurityEvent } from "./event.ts";
import { compileIpList } from "./ip-list/compile.ts";
import { builtInRules } from "./rules/index.ts";
import type { SignalType } from "./signal.ts";
import { createMemoryDecisionStore } from "./stores/memory-decision-store.ts";
import { createMemoryWindowStore } from "./stores/memory-window-store.ts";

const at = 1.7e12;

function build() {
  const events: SecurityEvent[] = [];
  const guard = createGuard({
    rules: builtInRules,
    windows: createMemoryWindowStore(),
    decisions: createMemoryDecisionStore(),
    onError: (error) => expect.unreachable(String(error)),
    sinks: [{ name: "array", write: async (event) => void events.push(event) }],
    lists: {
      allow: compileIpList(["203.0.113.7"], { purpose: "allowlist", name: "office" }),
      block: compileIpList(["# bad", "203.0.113.0/24", "2001:db8::/32"], {
        purpose: "blocklist",
        name: "feed",
      }),
    },
  });
  const check = (ip: string, more: { device?: string; type?: SignalType } = {}) =>
    guard.check({ type: "sign-in-attempt", ip, at, account: "a", ...more });
  return { guard, events, check };
}

const block = {
  id: "block 203.0.113.0/24 feed",
  action: "block",
  scope: "ip-prefix",
  value: "203.0.113.0/24",
  origin: "feed",
  createdAt: at,
  until: null,
  reason: "feed, line 2",
};

it("a listed address is refused as a feed's decision, with the network and the list; no other is", async () => {
  const { guard, check } = build();
  expect(await check("203.0.113.8")).toEqual({
    action: "block",
    reason: "decision",
    retryAfterMs: 0,
    decision: block,
    detections: [],
  });
  expect(await check("2001:db8::1", { type: "request" })).toMatchObject({
    action: "block",
    decision: { value: "2001:db8::/32" },
  });
  expect(await check("198.51.100.1")).toMatchObject({ action: "allow" });
  expect(await guard.explain("ip", "203.0.113.8", at)).toMatchObject({ decisions: [block] });
  expect(await guard.explain("ip", "198.51.100.1", at)).toMatchObject({ decisions: [] });
});

it("a network is explained by the feed that lists all of it", async () => {
  const { guard } = build();
  const explained = async (value: string) => (await guard.explain("ip-prefix", value, at)).decisions;
  expect(await explained("203.0.113.64/26")).toEqual([block]);
  expect(await explained("203.0.113.7/32")).toMatchObject([{ action: "allow", reason: "office, line 1" }]);
  expect(await explained("2001:db8:1::/64")).toMatchObject([{ action: "block", value: "2001:db8::/32" }]);
  expect(await explained("203.0.112.0/23")).toEqual([]);
});

it("a flood from a listed network becomes one event", async () => {
  const { guard, events, check } = build();
  for (let host = 10; host < 60; host++) await check(`203.0.113.${host}`);
  await guard.flush();
  expect(events).toMatchObject([{ decision: block, refusals: { count: 50 } }]);
});

it("who is on the allowlist is not refused by the blocklist, and not counted", async () => {
  const { guard, check } = build();
  for (let i = 0; i < 20; i++) {
    expect(await check("203.0.113.7")).toMatchObject({
      action: "allow",
      decision: { origin: "feed", reason: "office, line 1" },
    });
    await guard.record({ type: "sign-in-failure", ip: "203.0.113.7", at, account: "a" });
  }
  expect(await guard.explain("ip", "203.0.113.7", at)).toMatchObject({
    decisions: [{ action: "allow", value: "203.0.113.7/32" }],
    windows: [],
  });
});

it("a decision that somebody took counts before either list", async () => {
  const { guard, check } = build();
  const decide = (action: "allow" | "block", value: string) =>
    guard.decide({ action, scope: "ip", value, until: null, origin: "admin" }, at);
  await decide("allow", "203.0.113.8");
  await decide("block", "203.0.113.7");
  expect(await check("203.0.113.8")).toMatchObject({ action: "allow", decision: { origin: "admin" } });
  expect(await check("203.0.113.7")).toMatchObject({ action: "block", decision: { origin: "admin" } });
});

it("a feed's block in the decision store gives way to the allowlist", async () => {
  const { guard, check } = build();
  await guard.decide({ action: "block", scope: "ip", value: "203.0.113.7", until: null, origin: "feed" }, at);
  expect(await check("203.0.113.7")).toMatchObject({ action: "allow" });
});

it("a known device is not refused for what others did in its network", async () => {
  const { check } = build();
  expect(await check("203.0.113.8", { device: "d" })).toMatchObject({ action: "allow" });
});
