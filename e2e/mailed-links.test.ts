// What the links in mails do for people: the first confirmation, a forgotten password, a new address, the end of an account.

import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { accessibilityProblems } from "./browser/accessibility.ts";
import { takePicture } from "./browser/pictures.ts";
import { setScene } from "./flux-auth.ts";
import { type Account, ada, fillSignIn, fillSignUp, heading } from "./people.ts";
import type { Outbox } from "./server/outbox.ts";

const scene = setScene({ EMAIL_VERIFICATION: "required" });

it("an account can be used once its address is confirmed, and whoever has one already sees the same page", async () => {
  const { visit, outbox } = scene();
  const { page, complaints } = await visit();
  const somebody = named("somebody@example.com");
  await fillSignUp(page, somebody);
  await heading(page, "Look into your mail").waitFor();
  await page.goto("/sign-in");
  await fillSignIn(page, somebody);
  await page.locator("[data-code=EMAIL_NOT_VERIFIED]").waitFor();
  await takePicture(page, "not-verified-1280");
  await page.goto((await outbox.latest(somebody.email, /confirm/i)).link);
  await heading(page, "Thank you").waitFor();
  await page.goto("/sign-in");
  await fillSignIn(page, somebody);
  await page.waitForURL("**/account");

  const other = await visit();
  await fillSignUp(other.page, somebody);
  await heading(other.page, "Look into your mail").waitFor();
  await outbox.latest(somebody.email, /already have an account/i);
  expect([...complaints, ...other.complaints]).toEqual([]);
});

it("a forgotten password is replaced by a mailed link that works once, and a weak one is told so", async () => {
  const { visit, outbox } = scene();
  const { page, complaints } = await visit();
  const forgetful = named("forgetful@example.com");
  await fillSignUp(page, forgetful);
  await page.goto((await outbox.latest(forgetful.email, /confirm/i)).link);
  await heading(page, "Thank you").waitFor();

  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill(forgetful.email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await heading(page, "Look into your mail").waitFor();
  const { link } = await outbox.latest(forgetful.email, /new password/i);
  await page.goto(link);
  const field = page.getByLabel("New password", { exact: true });
  await field.fill("password1234");
  await page.getByText(/weak/i).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await takePicture(page, "weak-password-1280");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.locator("[data-code=PASSWORD_COMMON]").waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  await field.fill("three purple teapots sing");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await heading(page, "Your password is changed").waitFor();
  await page.getByRole("link", { name: "Sign in" }).click();
  await fillSignIn(page, { ...forgetful, password: "three purple teapots sing" });
  await page.waitForURL("**/account");

  await page.goto(link);
  await page.locator("[data-code=INVALID_TOKEN]:focus").waitFor();
  expect(await field.count()).toBe(0);
  await page.getByRole("link", { name: "Ask for a new link" }).click();
  await heading(page, "Forgot your password?").waitFor();
  expect(complaints).toEqual([]);
});

it("“this wasn't me” signs the stranger out, and a new password is chosen by mail", async () => {
  const { visit, outbox } = scene();
  const owner = await visit();
  const robbed = named("robbed@example.com");
  await confirmed(owner.page, robbed, outbox);
  const stranger = await visit({ ip: "198.51.100.9" });
  await stranger.page.goto("/sign-in");
  await fillSignIn(stranger.page, robbed);
  await stranger.page.waitForURL("**/account");

  const { link } = await outbox.latest(robbed.email, /new sign-in/i);
  await owner.page.goto(link);
  await owner.page.getByRole("button", { name: "It was not me: sign them out" }).click();
  await heading(owner.page, "That session has been ended").waitFor();
  await stranger.page.reload();
  await stranger.page.waitForURL("**/sign-in?next=**");
  const reset = await outbox.latest(robbed.email, /new password/i);
  expect(new URL(reset.link).pathname).toBe("/reset-password");

  await owner.page.goto(link);
  await owner.page.getByRole("button", { name: "It was not me: sign them out" }).click();
  await owner.page.locator("[data-code=INVALID_TOKEN]").waitFor();
  expect([...owner.complaints, ...stranger.complaints]).toEqual([]);
});

it("a new address is confirmed at the old one and then at the new one, and is the one to sign in with", async () => {
  const { visit, outbox } = scene();
  const { page, complaints } = await visit();
  const [before, after] = [named("maiden@example.com"), named("married@example.com")];
  await confirmed(page, before, outbox);
  await page.getByRole("button", { name: "Change the address" }).click();
  await page.getByLabel("New e-mail address").fill(after.email);
  await page.getByRole("button", { name: "Change the address" }).click();
  await page.getByText("Look into your mail: the change has to be confirmed").waitFor();
  expect(await outbox.all(after.email)).toEqual([]);

  await page.goto((await outbox.latest(before.email, /confirm the change/i)).link);
  await page.getByText("Now look into the mail that we have just sent to the new address").waitFor();
  await page.goto("/account");
  await page.getByText(`Signed in as ${before.email}`).waitFor();

  // In a browser where nobody is signed in: the mail is read on another device.
  const phone = await visit({ width: 390 });
  const { link } = await outbox.latest(after.email, /confirm your new/i);
  await phone.page.goto(link);
  await phone.page.getByText("sign in with your new e-mail address").waitFor();
  await takePicture(phone.page, "email-changed-390");
  await page.goto("/account");
  await page.getByText(`Signed in as ${after.email}`).waitFor();
  await page.getByText("Confirmed", { exact: true }).waitFor();

  await phone.page.goto("/sign-in");
  await fillSignIn(phone.page, before);
  await phone.page.locator("[data-code=INVALID_EMAIL_OR_PASSWORD]").waitFor();
  await fillSignIn(phone.page, after);
  await phone.page.waitForURL("**/account");
  await page.goto(link);
  await page.locator("[data-code=INVALID_TOKEN]").waitFor();
  expect([...complaints, ...phone.complaints]).toEqual([]);
});

it("an owner takes the data along", async () => {
  const { visit, outbox } = scene();
  const { page, complaints } = await visit();
  const careful = named("careful@example.com");
  await confirmed(page, careful, outbox);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download my data" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  expect(JSON.parse(text)).toMatchObject({
    profile: { email: careful.email, emailVerified: true },
    accounts: [{ providerId: "credential" }],
    devices: [{ name: "Chrome on Linux" }],
  });
  expect(text).not.toContain("argon2");
  expect(complaints).toEqual([]);
});

it("an account is deleted by its owner, after a mail", async () => {
  const { visit, outbox } = scene();
  const { page, complaints } = await visit();
  const leaving = named("leaving@example.com");
  await confirmed(page, leaving, outbox);
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByLabel("Your password").fill(leaving.password);
  await takePicture(page, "dialog-1280");
  await dialog.getByRole("button", { name: "Delete it" }).click();
  await page.getByText("We have sent you a mail").waitFor();
  await page.goto((await outbox.latest(leaving.email, /deleted/i)).link);
  await page.getByRole("button", { name: "Delete my account for good" }).click();
  await heading(page, "Your account is deleted").waitFor();
  await page.goto("/account");
  await page.waitForURL("**/sign-in?next=**");
  await fillSignIn(page, leaving);
  await page.locator("[data-code=INVALID_EMAIL_OR_PASSWORD]").waitFor();
  expect(complaints).toEqual([]);
});

/** Ends on the account page. */
async function confirmed(page: Page, account: Account, outbox: Outbox): Promise<void> {
  await fillSignUp(page, account);
  await page.goto((await outbox.latest(account.email, /confirm/i)).link);
  await heading(page, "Thank you").waitFor();
  await page.goto("/sign-in");
  await fillSignIn(page, account);
  await page.waitForURL("**/account");
}

const named = (email: string): Account => ({ ...ada, email });
