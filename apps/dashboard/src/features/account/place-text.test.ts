// Places in words.

import { expect, it } from "vitest";
import { placeText } from "./place-text.ts";

it.each([
  [{ country: "DE", city: "Berlin" }, "Berlin, Germany"],
  [{ country: "DE", city: null }, "Germany"],
  [{ country: null, city: null }, undefined],
  [{ country: "nowhere at all", city: null }, "nowhere at all"],
])("%o is %s", (place, text) => {
  expect(placeText(place, "en")).toBe(text);
});
