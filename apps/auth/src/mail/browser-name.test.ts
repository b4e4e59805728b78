// Browsers by the names that their owners know, and of what a stranger wrote no more than one plain word.

import { describe, expect, it } from "vitest";
import { browserName } from "./browser-name.ts";

const webKit = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

describe("a browser is named", () => {
  it.each([
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ],
    ["Chrome on a Mac", `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit}`],
    ["Edge on Windows", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Edg/140.0.0.0`],
    ["Opera on Linux", `Mozilla/5.0 (X11; Linux x86_64) ${webKit} OPR/120.0.0.0`],
    [
      "Safari on an iPhone",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    ],
    ["Chrome on Android", `Mozilla/5.0 (Linux; Android 15; Pixel 9) ${webKit}`],
    ["curl", "curl/7.68.0"],
    ["python-requests", "python-requests/2.32.0"],
    ["an unknown browser on Windows", "Something (Windows NT 10.0)"],
    ["an unknown browser", ""],
    ["an unknown browser", undefined],
    ["visit", "visit https://evil.example now"],
    ["an unknown browser", "evil.example"],
    ["an unknown browser", "x".repeat(1_000_000)],
  ])("%s", (name, userAgent) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
