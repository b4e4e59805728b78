// Creating an account, signing out and in again, as a person with a browser and a keyboard does it.

import { expect, it } from "vitest";
import { setScene } from "./flux-auth.ts";
import { ada, fillSignIn, heading, signUp } from "./people.ts";

const scene = setScene();

it("a person creates an account, signs out, mistypes the password, and signs in", async () => {
  const { page, complaints } = await scene().visit();
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await heading(page, "Create your account").waitFor();
  await signUp(page, ada);
  await page.getByText(`Signed in as ${ada.email}`).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Sign in").waitFor();

  await fillSignIn(page, { ...ada, password: "difference engine" });
  const problem = page.locator("[data-code]");
  await problem.getByRole("alert").waitFor();
  expect(await problem.getAttribute("data-code")).toBe("INVALID_EMAIL_OR_PASSWORD");
  expect(await problem.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  await fillSignIn(page, ada);
  await page.waitForURL("**/account");
  expect(complaints).toEqual([]);
});

it("the keyboard alone is enough: past the header, through the form, to the problem and back", async () => {
  const { page, complaints } = await scene().visit();
  await page.goto("/sign-in");
  await heading(page, "Sign in").waitFor();
  const focused = () =>
    page.evaluate("document.activeElement.getAttribute('name') ?? document.activeElement.textContent.trim()");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the page");
  expect(await page.getByText("Skip to the page").boundingBox()).toMatchObject({
    y: expect.toSatisfy(isOnScreen),
  });
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("email");
  await page.keyboard.press("Enter");
  await page.getByText("Please fill this in.").first().waitFor();
  expect(await focused()).toBe("email");
  await page.keyboard.type("nobody@example.com");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("password");
  await page.keyboard.type("no such password");
  await page.keyboard.press("Enter");
  await page.locator("[data-code=INVALID_EMAIL_OR_PASSWORD]:focus").waitFor();
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("email");
  expect(complaints).toEqual([]);
});

const isOnScreen = (y: number): boolean => y >= 0;
