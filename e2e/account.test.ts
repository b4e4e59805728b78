// An account in a person's hands: confirmed by mail, kept by passkey and second factor, seen and ended from another browser.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { accessibilityProblems } from "./browser/accessibility.ts";
import { codeOf, nextCodeOf } from "./browser/authenticator-app.ts";
import { takePicture } from "./browser/pictures.ts";
import { setScene } from "./flux-auth.ts";
import { ada, addPasskey, fillSignIn, heading, signOut, signUp } from "./people.ts";

const scene = setScene();

const firefoxOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

it("signs up, confirms the address, adds a passkey and a second factor, signs in elsewhere, and signs that out again", async () => {
  const { visit, outbox } = scene();
  // Two addresses of one country, so that the owner is seen where he is and nothing is odd about it.
  const desk = await visit({ ip: "88.198.0.7" });
  await signUp(desk.page, ada);
  await confirmAddress(desk.page, (await outbox.latest(ada.email, /confirm your e-mail address/i)).link);
  const finger = await addPasskey(desk.page);
  const key = await addSecondFactor(desk.page);

  const laptop = await visit({ userAgent: firefoxOnWindows, ip: "46.4.0.7" });
  await laptop.page.goto("/sign-in");
  await fillSignIn(laptop.page, ada);
  await heading(laptop.page, "One more step").waitFor();
  expect(await accessibilityProblems(laptop.page)).toEqual([]);
  await laptop.page.getByLabel("Code from your authenticator app").fill(nextCodeOf(key));
  await laptop.page.keyboard.press("Enter");
  await laptop.page.waitForURL("**/account");

  const notice = await outbox.latest(ada.email, /new sign-in/i);
  expect(notice.text).toContain("Firefox on Windows");
  expect(new URL(notice.link).pathname).toBe("/not-me");

  await desk.page.goto("/account/devices");
  const devices = desk.page.getByRole("list", { name: "Your devices" }).getByRole("listitem");
  await devices.nth(1).waitFor();
  expect(await devices.allTextContents()).toEqual([
    expect.stringMatching(/^Chrome on Linux.*This device.*Germany \(88\.198\.0\.7\)/),
    expect.stringMatching(/^Firefox on Windows.*Germany \(46\.4\.0\.7\)/),
  ]);
  expect(await accessibilityProblems(desk.page)).toEqual([]);
  await takePicture(desk.page, "account-two-devices");
  await desk.page.getByRole("button", { name: "Sign out Firefox on Windows" }).click();
  await desk.page.getByRole("button", { name: "Sign it out" }).click();
  await devices.nth(1).waitFor({ state: "detached" });

  await laptop.page.reload();
  await laptop.page.waitForURL("**/sign-in?next=**");

  await finger.ownerIsThere(false);
  await signOut(desk.page);
  await finger.ownerComesWhenAsked();
  await desk.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await desk.page.waitForURL("**/account");
  expect([...desk.complaints, ...laptop.complaints]).toEqual([]);
});

async function confirmAddress(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await heading(page, "Thank you").waitFor();
  await page.getByRole("link", { name: "To your account" }).click();
  await page.getByText("Confirmed", { exact: true }).waitFor();
}

/** Returns the key that the app now has. */
async function addSecondFactor(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Turn on the second factor" }).click();
  await page.getByLabel("Your password").fill(ada.password);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  const key = (await page.locator(".secret").textContent()) ?? "";
  expect(await accessibilityProblems(page)).toEqual([]);
  await takePicture(page, "account-qr-code");
  await page.getByLabel("Code", { exact: true }).fill(codeOf(key, Date.now()));
  await page.getByRole("button", { name: "Check the code" }).click();
  await page.getByRole("heading", { name: "Keep these backup codes" }).waitFor();
  expect(await page.getByRole("list", { name: "Backup codes" }).getByRole("listitem").count()).toBe(10);
  await takePicture(page, "account-backup-codes");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("On", { exact: true }).waitFor();
  return key;
}
