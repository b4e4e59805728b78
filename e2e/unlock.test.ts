// An account that strangers guess at: its owner, in a browser that is not known yet, gets in by the mail about it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { accessibilityProblems } from "./browser/accessibility.ts";
import { takePicture } from "./browser/pictures.ts";
import { setScene } from "./flux-auth.ts";
import { ada, fillSignIn, heading, signUp } from "./people.ts";

const directory = mkdtempSync(join(tmpdir(), "flux-rules-"));
afterAll(() => rmSync(directory, { recursive: true }));
const rules = join(directory, "rules.json");
// Without the waits, which would make a hundred guesses take hours: what closes the account is the hundred in a row.
writeFileSync(rules, JSON.stringify({ "account-guessing": { threshold: 1_000 } }));

const scene = setScene({ FLUX_RULES: rules });
const guesses = 100;

it("the link in the mail about wrong passwords ends the wait, once, and the right password opens the account", async () => {
  const { url, visit, outbox } = scene();
  const home = await visit();
  await signUp(home.page, ada);
  expect(await guessAt(url)).toEqual(Array(guesses).fill("INVALID_EMAIL_OR_PASSWORD"));

  const { page, complaints } = await visit();
  await page.goto("/sign-in");
  await fillSignIn(page, ada);
  await page.locator("[data-code=STEP_UP_REQUIRED]").waitFor();

  const { link } = await outbox.latest(ada.email, /guessing your password/i);
  expect(new URL(link).pathname).toBe("/unlock");
  await page.goto(link);
  await heading(page, "Sign in without waiting").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await takePicture(page, "unlock-1280");
  await page.getByRole("button", { name: "End the wait" }).click();
  await heading(page, "You can sign in again").waitFor();
  await page.getByRole("link", { name: "Sign in" }).click();
  await fillSignIn(page, ada);
  await page.waitForURL("**/account");

  await page.goto(link);
  await page.getByRole("button", { name: "End the wait" }).click();
  await page.locator("[data-code=INVALID_TOKEN]").waitFor();
  expect(complaints).toEqual([]);
});

/** Four from each address, so that none is blocked. @returns the code of each answer */
async function guessAt(url: string): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < guesses; i += 4) {
    const answers = await Promise.all(
      Array.from({ length: 4 }, async (_, j) => {
        const response = await fetch(`${url}/api/auth/sign-in/email`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "x-flux-client": "test",
            "x-forwarded-for": `198.18.0.${i / 4 + 1}`,
          },
          body: JSON.stringify({ email: ada.email, password: `guess number ${i + j}` }),
        });
        return ((await response.json()) as { code: string }).code;
      }),
    );
    codes.push(...answers);
  }
  return codes;
}
