import { describe, expect, it } from "vitest";
import { createProgress } from "./progress.ts";

function watched(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  const progress = createProgress({ isTTY, write: (text) => written.push(text) }, () => time);
  return { progress, written, at: (ms: number) => (time = ms) };
}

describe("progress", () => {
  it("says lines, rate and share on a terminal, now and then", () => {
    const { progress, written, at } = watched(true);
    progress.update({ lines: 1, share: 0 });
    at(2000);
    progress.update({ lines: 1_000_000, share: 0.5 });
    progress.update({ lines: 1_000_001, share: 0.5 });
    at(4000);
    progress.update({ lines: 1_200_000, share: undefined });
    progress.clear();
    progress.clear();
    expect(written).toEqual([
      "\r\x1b[K50 %, 1,000,000 lines, 500,000 lines/s",
      "\r\x1b[K1,200,000 lines, 300,000 lines/s",
      "\r\x1b[K",
    ]);
  });

  it("says nothing elsewhere", () => {
    const { progress, written, at } = watched(false);
    at(2000);
    progress.update({ lines: 1, share: 0 });
    progress.clear();
    expect(written).toEqual([]);
  });
});
