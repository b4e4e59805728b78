import { expect, it } from "vitest";
import { exportEvents } from "./export-events.ts";
import { firstIdOf } from "./follow-events.ts";

it.each([
  [0, 1],
  [499, 1],
  [500, 2],
  [1_200, 3],
])("%i events come once each, the earliest first, in %i questions", async (count, questions) => {
  const ids = Array.from({ length: count }, (_, i) => firstIdOf(1_000 + i).replace(/0$/, "1"));
  const asked: object[] = [];
  const pages = exportEvents({
    since: 1_000,
    until: 1_000 + count,
    ask: async (query) => {
      asked.push(query);
      const found = [...ids, firstIdOf(1_000 + count)].filter((id) => id > query.after && id < query.before);
      const page = found.slice(0, query.limit);
      return { events: page.toReversed(), newest: page.at(-1) };
    },
  });
  const exported: unknown[] = [];
  for await (const page of pages) exported.push(...page);
  expect(exported).toEqual(ids);
  expect(asked).toHaveLength(questions);
});
