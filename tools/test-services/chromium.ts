// The browser that the tests of the pages drive.

import type { SystemProgram } from "./system-program.ts";

/** Where Chromium comes from, and who needs it. */
export const chromiumProgram: SystemProgram = {
  names: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
  directories: ["/usr/lib/chromium", "/snap/bin", "/Applications/Chromium.app/Contents/MacOS"],
  aptPackage: "chromium",
  brewPackage: "chromium",
  neededBy: "the tests in e2e/",
};
