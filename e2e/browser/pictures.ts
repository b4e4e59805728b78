// Pictures of pages, for people to look at; not part of the repository.

import { join } from "node:path";
import type { Page } from "playwright-core";

const directory = join(import.meta.dirname, "../../artifacts/pages");

/** @param name such as `sign-in` */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true, animations: "disabled" });
}
