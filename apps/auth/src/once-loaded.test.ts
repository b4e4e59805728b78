import { expect, it } from "vitest";
import { onceLoaded } from "./once-loaded.ts";

it("loads once for all who ask at the same time and later, and again after a failure", async () => {
  const outcomes = [Promise.reject(new Error("EMFILE")), Promise.resolve("library")];
  let loads = 0;
  const get = onceLoaded(() => outcomes[loads++] ?? Promise.reject(new Error("loaded too often")));
  expect(get.loaded()).toBeUndefined();
  const first = await Promise.allSettled([get(), get()]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(loads).toBe(1);
  expect(await Promise.all([get(), get()])).toEqual(["library", "library"]);
  expect([await get(), loads, await get.loaded()]).toEqual(["library", 2, "library"]);
});
