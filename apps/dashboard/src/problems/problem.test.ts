// What a code becomes on a page.

import { expect, it } from "vitest";
import { toProblem } from "./problem.ts";
import { words } from "./words.ts";

it("a code that nobody foresaw is told apart by whose fault it is", () => {
  expect(toProblem({ code: "NEW", status: 418 }, 0).text).toBe(words.FAILED.text);
  expect(toProblem({ code: "NEW", status: 502 }, 0).text).toBe(words.INTERNAL.text);
});

it("a wait is told as the time when it ends", () => {
  expect(toProblem({ code: "BLOCKED", status: 403, retryAfter: 60 }, 1_000).retryAt).toBe(61_000);
});
