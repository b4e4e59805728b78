// Envelopes are read as Sentry's documentation has them, and anything else is refused.

import { describe, expect, it } from "vitest";
import { parseEnvelope } from "./envelope.ts";

const parse = (text: string) => parseEnvelope(Buffer.from(text));

describe("an envelope", () => {
  it("has items as long as their headers say, whatever bytes are in them", () => {
    const { header, items } = parse(
      '{"event_id":"1"}\n{"type":"attachment","length":5}\n\n{é}\n{"type":"event","length":2}\n{}\n',
    );
    expect(header).toEqual({ event_id: "1" });
    expect(items.map(({ type, payload }) => [type, payload])).toEqual([
      ["attachment", "\n{é}"],
      ["event", "{}"],
    ]);
  });

  it("has items of one line when nothing is said", () => {
    expect(parse('{}\n{"type":"event"}\n{"a":1}').items[0]?.payload).toBe('{"a":1}');
  });

  it("may have no items at all, and an empty payload", () => {
    expect(parse("{}").items).toEqual([]);
    expect(parse('{}\n{"type":"x","length":0}\n\n{"type":"y","length":0}\n').items).toHaveLength(2);
  });

  it.each([
    ["no JSON", "hello"],
    ["a list as header", "[]"],
    ["an item with no type", "{}\n{}\n{}"],
    ["an item that is cut off", '{}\n{"type":"event","length":10}\n{}'],
    ["an item with no end of line", '{}\n{"type":"event","length":2}\n{}{}'],
    ["a length that is none", '{}\n{"type":"event","length":-1}\n{}'],
  ])("is not %s", (_, text) => expect(() => parse(text)).toThrow(SyntaxError));
});
