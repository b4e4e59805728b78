// The browser that the tests of the pages drive.

import type { SystemProgram } from "./system-program.ts";

/** Where Chromium comes from, and who needs it. The shell is the browser without its windows, and starts and paints in less time. */
export const chromiumProgram: SystemProgram = {
  names: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
  directories: ["/usr/lib/chromium", "/snap/bin", "/Applications/Chromium.app/Contents/MacOS"],
  aptPackage: "chromium-headless-shell",
  brewPackage: "chromium",
  neededBy: "the tests in e2e/",
};
