// The headers of the Lua scripts say what the scripts take, and the typed wrappers send that.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ScriptCall } from "./redis-connection.ts";
import { decideCall, decisionKeys, sinceCall } from "./redis-decision-scripts.ts";
import { observeCall } from "./redis-scripts.ts";
import type { WindowOperation } from "./window-store.ts";

const target = { scope: "ip", value: "203.0.113.7", window: "w" } as const;
const timed = { ...target, at: 1, windowMs: 2, limit: 3, threshold: 4 };
const operations: readonly WindowOperation[] = [
  { kind: "count", ...timed },
  { kind: "reserve", ...timed },
  { kind: "distinct", ...timed, member: "m", since: "first" },
  { kind: "recent", ...timed, entry: "e" },
  { kind: "release", ...target, id: "i" },
  { kind: "clear", ...target },
  { kind: "end-row", ...target },
  { kind: "score", ...target, at: 1, points: -1, by: "b", halfLifeMs: 1, mostADay: 1, holdMs: 1 },
  { kind: "peek", ...target, at: 1 },
];

/** One call of each wrapper. */
const calls: readonly ScriptCall[] = [
  observeCall("key", operations),
  decideCall(decisionKeys("prefix"), [{ kind: "remove", id: "d1" }], { limit: 1, now: 0 }),
  sinceCall(decisionKeys("prefix"), 0, 1),
];

const directory = new URL("./lua/", import.meta.url);
const scripts = readdirSync(directory).map((file) => {
  const source = readFileSync(new URL(file, directory), "utf8");
  const [, header = "", body = ""] = /^--\[\[(.*?)\]\]\n(.*)$/s.exec(source) ?? [];
  return { name: file.replace(/\.lua$/, ""), header, body };
});
const named = (text: string, list: "KEYS" | "ARGV") =>
  [
    ...new Set([...text.matchAll(new RegExp(`${list}\\[(\\d+)\\]`, "g"))].map(([, place]) => Number(place))),
  ].sort();

it("every script has a wrapper, and every wrapper its script", () => {
  expect(calls.map(({ script }) => script.name).sort()).toEqual(scripts.map(({ name }) => name).sort());
});

describe.each(scripts)("$name", ({ name, header, body }) => {
  const call = calls.find(({ script }) => script.name === name);

  it("begins with a header that names each key, each argument and the output", () => {
    expect(header).toMatch(/^ {2}Input:$/m);
    expect(header).toMatch(/^ {2}Output/m);
    expect(named(header, "KEYS")).toEqual(named(body, "KEYS"));
    expect(named(header, "ARGV")).toEqual(named(body, "ARGV"));
  });

  it("is sent as many keys and arguments", () => {
    expect(call?.keys).toHaveLength(named(header, "KEYS").length);
    expect(call?.args).toHaveLength(named(header, "ARGV").length);
  });

  it("makes no script, leaves nothing to chance, and touches no key that was not named", () => {
    expect(body).not.toMatch(/loadstring|math\.random|"(KEYS|SCAN|EVAL)"/);
    const touched = [...body.matchAll(/redis\.call\("(?!PUBLISH)[A-Z]+", (\w+)/g)].map(([, first]) => first);
    expect(touched.length).toBeGreaterThan(0);
    for (const first of touched)
      expect(body).toMatch(new RegExp(`local ${first}\\b.*= .*KEYS\\[|for _, ${first} in ipairs\\(KEYS\\)`));
  });

  it("asks for the time only to forget: what is counted has the time of its signal", () => {
    expect(body.includes('"TIME"')).toBe(name === "decide-4");
  });

  it("is named by the number of its keys", () => {
    expect(name).toMatch(new RegExp(`-${call?.keys.length}$`));
  });
});

it("each operation is sent with the fields that the header of observe-1 lists for it", () => {
  const header = scripts.find(({ name }) => name === "observe-1")?.header ?? "";
  const sent = JSON.parse(calls[0]?.args[0] ?? "[]") as unknown[][];
  expect(sent).toHaveLength(operations.length);
  for (const [kind, ...fields] of sent) {
    const [, listed = ""] = new RegExp(`^ {6}${kind} +(.*)$`, "m").exec(header) ?? [];
    expect([kind, ...listed.trim().split(/ +/)], `${kind}`).toHaveLength(1 + fields.length);
  }
});
