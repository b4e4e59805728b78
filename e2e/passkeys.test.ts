// Passkeys in a person's hands: asked for after the password, and offered by the browser at the e-mail field.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { accessibilityProblems } from "./browser/accessibility.ts";
import { codeOf } from "./browser/authenticator-app.ts";
import { takePicture } from "./browser/pictures.ts";
import { setScene } from "./flux-auth.ts";
import { ada, addPasskey, fillSignIn, heading, signOut, signUp } from "./people.ts";

const scene = setScene();

it("a passkey is asked for after the password, without an app, and an app can join it later", async () => {
  const { page, complaints } = await scene().visit();
  await signUp(page, ada);
  const finger = await addPasskey(page);
  await page.getByRole("button", { name: "Ask for a passkey after the password" }).click();
  await page.getByLabel("Your password").fill(ada.password);
  await page.getByRole("button", { name: "Ask for it" }).click();
  await heading2(page, "Keep these backup codes").waitFor();
  const code =
    (await page.getByRole("list", { name: "Backup codes" }).locator("code").first().textContent()) ?? "";
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("A passkey", { exact: true }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await takePicture(page, "account-passkey-factor");

  await page.getByRole("button", { name: "Remove the passkey My laptop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.locator("[data-code=LAST_SECOND_FACTOR]").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();

  await finger.ownerIsThere(false);
  await signOut(page);
  await fillSignIn(page, ada);
  await heading(page, "One more step").waitFor();
  await page.getByRole("button", { name: "Use your passkey" }).waitFor();
  expect(await page.getByLabel("Code from your authenticator app").count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await takePicture(page, "passkey-step");
  await finger.ownerComesWhenAsked();
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await page.waitForURL("**/account");

  const elsewhere = await scene().visit();
  await elsewhere.page.goto("/sign-in");
  await fillSignIn(elsewhere.page, ada);
  await elsewhere.page.getByRole("button", { name: "Use a backup code instead" }).click();
  await elsewhere.page.getByLabel("Backup code").fill(code);
  await elsewhere.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await elsewhere.page.waitForURL("**/account");

  await page.goto("/account/security");
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  await page.getByLabel("Your password").fill(ada.password);
  await page.getByRole("button", { name: "Go on" }).click();
  const key = (await page.locator(".secret").textContent()) ?? "";
  await page.getByLabel("Code", { exact: true }).fill(codeOf(key, Date.now()));
  await page.getByRole("button", { name: "Check the code" }).click();
  await page.getByText("Your authenticator app or a passkey").waitFor();
  expect([...complaints, ...elsewhere.complaints]).toEqual([]);
});

it("the browser offers passkeys at the e-mail field, and nothing has to be written or pressed on the page", async () => {
  const { page, complaints } = await scene().visit();
  await signUp(page, { ...ada, email: "grace@example.com" });
  const finger = await addPasskey(page);
  await finger.ownerIsThere(false);
  await signOut(page);
  expect(await page.getByLabel("E-mail address").getAttribute("autocomplete")).toBe("username webauthn");
  await finger.ownerIsThere(true);
  await page.reload();
  await page.waitForURL("**/account");
  await page.getByText("Signed in as grace@example.com").waitFor();
  expect(complaints).toEqual([]);
});

it("a password does as well while passkeys are offered, and so does the button", async () => {
  const { page, complaints } = await scene().visit();
  const linus = { ...ada, email: "linus@example.com" };
  await signUp(page, linus);
  const finger = await addPasskey(page);
  await finger.ownerIsThere(false);
  await signOut(page);
  await fillSignIn(page, linus);
  await page.waitForURL("**/account");
  await signOut(page);
  await finger.ownerComesWhenAsked();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL("**/account");
  expect(complaints).toEqual([]);
});

const heading2 = (page: Page, name: string) => page.getByRole("heading", { name });
