// What people do on the pages again and again.

import type { Page } from "playwright-core";
import { plugInSecurityKey, type SecurityKey } from "./browser/security-key.ts";

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const ada: Account = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  password: "analytical engine no. 1",
};

const passwordField = (page: Page) => page.getByLabel("Password", { exact: true });

export async function fillSignIn(page: Page, { email, password }: Omit<Account, "name">): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await passwordField(page).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function fillSignUp(page: Page, { name, email, password }: Account): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await passwordField(page).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
}

/** Where addresses need not be confirmed first, this ends on the account page. */
export async function signUp(page: Page, account: Account): Promise<void> {
  await fillSignUp(page, account);
  await page.waitForURL("**/account");
}

export async function addPasskey(page: Page): Promise<SecurityKey> {
  const key = await plugInSecurityKey(page);
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByLabel("Name for a new passkey").fill("My laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("list", { name: "Passkeys" }).getByText("My laptop").waitFor();
  return key;
}

/** Ends on the page to sign in, when it has offered passkeys: a challenge that is asked for from then on is a button's. */
export async function signOut(page: Page): Promise<void> {
  const offered = page.waitForResponse("**/passkey/generate-authenticate-options*");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await heading(page, "Sign in").waitFor();
  await offered;
}

export const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });
