// A flood of events is a bounded number of notes, and none of its detections is lost from the count.

import { expect, it } from "vitest";
import { securityEvent } from "../events/test-event.ts";
import { countOf } from "./distinct.ts";
import { createGatherer } from "./gatherer.ts";
import { attack, refusalsOf } from "./test-alerts.ts";

it("an event without detections is nothing, nor are refusals under an operator's decision", () => {
  const gatherer = createGatherer();
  expect(gatherer.add(securityEvent())).toEqual([]);
  const event = attack("203.0.113.7");
  const byAdmin = {
    ...event,
    decision: event.decision && { ...event.decision, origin: "admin" as const, rule: undefined },
  };
  expect(gatherer.add(refusalsOf(byAdmin, 5))).toEqual([]);
  expect(gatherer.take()).toEqual([]);
});

it("ten thousand addresses fill its places, and then one note about many", () => {
  const gatherer = createGatherer(100);
  for (let i = 0; i < 10_000; i++) gatherer.add(attack(`198.18.${i >> 8}.${i & 255}`));
  expect(gatherer.size).toBe(101);
  const notes = gatherer.take();
  expect(notes.reduce((sum, { detections }) => sum + detections, 0)).toBe(10_000);
  const many = notes.filter(({ kind }) => kind === "many");
  expect(many).toHaveLength(1);
  expect(countOf(many[0]?.values ?? []).count).toBeGreaterThan(8_000);
  expect(gatherer.size).toBe(0);
});

it("what could not be stored is taken back, and adds up with what came meanwhile", () => {
  const gatherer = createGatherer();
  gatherer.add(attack("203.0.113.7", { severity: "low" }));
  const taken = gatherer.take();
  gatherer.add(attack("203.0.113.7", { severity: "high", decided: false }));
  gatherer.giveBack(taken);
  expect(gatherer.take()).toMatchObject([
    { severity: "high", detections: 2, latest: { decision: { action: "block" } } },
  ]);
});

it("a value that a database would not give back as it was is changed before it is a key", () => {
  const [note] = createGatherer().add(attack("a\0b\ud800"));
  expect(note?.value).toBe("a\ufffdb\ufffd");
});
