// Every page: usable without a mouse or eyes (axe), in light and dark, on a phone and a desk.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessibilityProblems, pixelsBeside } from "./browser/accessibility.ts";
import { takePicture } from "./browser/pictures.ts";
import { setScene } from "./flux-auth.ts";
import { ada, fillSignIn, heading, signUp } from "./people.ts";

const scene = setScene();

const views = [
  { width: 390, height: 844, colours: "light", check: "everything" },
  { width: 1280, height: 900, colours: "dark", check: "contrast" },
] as const;

/** Looks at the page that is open, on a phone in light and on a desk in dark colours. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const { width, height, colours, check } of views) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: colours, reducedMotion: "reduce" });
    await takePicture(page, `${name}-${width}`);
    expect(await pixelsBeside(page), `${name} at ${width}`).toBe(0);
    expect(await accessibilityProblems(page, check), `${name} in ${colours}`).toEqual([]);
  }
}

const fileName = (title: string): string => title.toLowerCase().replaceAll(/[^a-z]+/g, "-");

const open: readonly { path: string; title: string }[] = [
  { path: pagePaths.signIn, title: "Sign in" },
  { path: pagePaths.signUp, title: "Create your account" },
  { path: pagePaths.forgotPassword, title: "Forgot your password?" },
  { path: `${pagePaths.resetPassword}?token=abc`, title: "Choose a new password" },
  { path: `${pagePaths.notMe}?token=abc`, title: "Was this not you?" },
  { path: `${pagePaths.unlock}?token=abc`, title: "Sign in without waiting" },
  { path: `${pagePaths.deleteAccount}?token=abc`, title: "Delete your account?" },
  { path: `${pagePaths.verifyEmail}?token=abc`, title: "That did not work" },
  { path: "/reset-password", title: "This link is incomplete" },
  { path: "/no-such-page", title: "There is nothing here" },
];

describe("for everybody", () => {
  it.each(open)("$path", async ({ path, title }) => {
    const { page, complaints } = await scene().visit();
    await page.goto(path);
    await heading(page, title).waitFor();
    // A token in the address would be in the history, and in what is copied from it.
    expect(new URL(page.url()).search).toBe("");
    await inspect(page, fileName(title));
    expect(complaints).toEqual([]);
  });
});

it.each(views)(
  "at $width, no button moves away while the strength of a password is said",
  async ({ width }) => {
    const { page } = await scene().visit({ width });
    await page.goto(pagePaths.signUp);
    const button = page.getByRole("button", { name: "Create account" });
    const places = [await button.boundingBox()];
    for (const [password, verdict] of [
      ["aaaaaaaa", /^Very weak: /],
      [ada.password, "Very strong"],
    ] as const) {
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByText(verdict).waitFor();
      places.push(await button.boundingBox());
    }
    expect(places).toEqual([places[0], places[0], places[0]]);
  },
);

describe("for whoever is signed in", () => {
  it("each page of the account", async () => {
    const { page, complaints } = await scene().visit();
    await signUp(page, ada);
    for (const [path, title] of accountPages) {
      await page.goto(path);
      await heading(page, title).waitFor();
      await page.waitForLoadState("networkidle");
      await inspect(page, `account-${fileName(title)}`);
    }
    expect(complaints).toEqual([]);
  });
});

const accountPages = [
  [pagePaths.account, "Your account"],
  [pagePaths.accountSecurity, "Security"],
  [pagePaths.accountDevices, "Devices"],
  [pagePaths.accountActivity, "Activity"],
] as const;

describe("refused", () => {
  it("a network that guessed is told how long to wait, and cannot send the form until then", async () => {
    const { page, complaints } = await scene().visit();
    await page.goto(pagePaths.signIn);
    for (let guess = 1; guess <= 6; guess++) {
      const answer = page.waitForResponse("**/sign-in/email");
      await fillSignIn(page, { ...ada, password: `wrong password ${guess}` });
      await answer;
    }
    const problem = page.locator("[data-code=BLOCKED]");
    await problem.waitFor();
    expect(await problem.getByRole("status").textContent()).toMatch(/^You can try again in about \d+ /);
    await page.getByText(/You can try again in \d+:\d\d(:\d\d)?, at \d/).waitFor();
    expect(await problem.getByRole("alert").textContent()).toMatch(
      /another network.*a device that has signed in/,
    );
    const button = page.getByRole("button", { name: "Sign in", exact: true });
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    await inspect(page, "blocked");
    expect(complaints).toEqual([]);
  });
});
