// Pictures of pages, for people to look at; not part of the repository. Taken where FLUX_TEST_PICTURES is set: nothing is compared with them.

import { join } from "node:path";
import type { Page } from "playwright-core";

const directory = join(import.meta.dirname, "../../artifacts/pages");

/** @param name such as `sign-in` */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (!process.env.FLUX_TEST_PICTURES) return;
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true, animations: "disabled" });
}
