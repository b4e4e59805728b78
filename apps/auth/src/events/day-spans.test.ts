import { expect, it } from "vitest";
import { startOf } from "../database/event-days.ts";
import { spansOf } from "./day-spans.ts";

const days = Array.from({ length: 100 }, (_, i) => 20_000 + i);

it("the latest days come first, and then more at a time", () => {
  const edges = [96, 88, 72, 40, 8].map((day) => startOf(20_000 + day));
  expect(spansOf(days, {})).toEqual([
    { from: edges[0], until: undefined },
    { from: edges[1], until: edges[0] },
    { from: edges[2], until: edges[1] },
    { from: edges[3], until: edges[2] },
    { from: edges[4], until: edges[3] },
    { from: undefined, until: edges[4] },
  ]);
});

it("after an event the earliest days come first, beginning with its own", () => {
  const spans = spansOf(days, { after: `${startOf(20_090)}-x` });
  expect(spans).toEqual([
    { from: undefined, until: startOf(20_094) },
    { from: startOf(20_094), until: undefined },
  ]);
});

it("before an event only days up to its own are asked", () => {
  const spans = spansOf(days, { before: `${startOf(20_005)}-x` });
  expect(spans).toEqual([
    { from: startOf(20_002), until: undefined },
    { from: undefined, until: startOf(20_002) },
  ]);
});

it("a few days, or none, are one span", () => {
  for (const few of [[], days.slice(0, 4)]) {
    for (const place of [{}, { after: "0" }, { before: "z" }]) {
      expect(spansOf(few, place)).toEqual([{ from: undefined, until: undefined }]);
    }
  }
});
