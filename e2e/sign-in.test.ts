// Creating an account, signing out and in again, as a person with a browser does it.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { needsBrowser, newPerson, startBrowser } from "./browser/browser.ts";
import { type FluxAuth, startFluxAuth } from "./server/flux-auth.ts";

let browser: Browser | undefined;
let server: FluxAuth | undefined;

beforeAll(async () => {
  if (process.env.FLUX_TEST_CHROMIUM)
    [browser, server] = await Promise.all([startBrowser(), startFluxAuth()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(needsBrowser);

const visit = async () => {
  if (!browser || !server) throw new Error("There is no browser.");
  return newPerson(browser, server.url);
};

it("a person creates an account, signs out, mistypes the password, and signs in", async () => {
  const { page, complaints } = await visit();
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("analytical engine no. 1");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("**/account");
  await page.getByText("Signed in as ada@example.com").waitFor();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL("**/sign-in");

  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("difference engine");
  await page.keyboard.press("Enter");
  const alert = page.getByRole("alert");
  await alert.waitFor();
  expect(await alert.getAttribute("data-code")).toBe("INVALID_EMAIL_OR_PASSWORD");
  expect(await alert.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  await page.getByLabel("Password", { exact: true }).fill("analytical engine no. 1");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account");
  expect(complaints).toEqual([]);
});
