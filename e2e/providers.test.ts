// Signing in with an account elsewhere: the button, the way there and back, and what the page says after a no.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import {
  startOidcProvider,
  type TestOidcProvider,
  testOidcClient,
} from "../apps/auth/src/accounts/test-oidc-provider.ts";
import { needsBrowser, newPerson, startBrowser } from "./browser/browser.ts";
import { takePicture } from "./browser/pictures.ts";
import { startFluxAuth } from "./server/server.ts";

it("a person comes in by the provider's word, and is told when there is none", async (context) => {
  needsBrowser(context);
  let there: TestOidcProvider | undefined;
  const server = await startFluxAuth(async (url) => {
    there = await startOidcProvider(`${url}/api/auth/callback/acme`);
    return { OIDC_PROVIDERS: settingsFile(there.issuer) };
  });
  onTestFinished(() => server.stop());
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  const { page, complaints } = await newPerson(browser, server.url);
  if (!there) throw new Error("There is no provider.");

  there.state.denies = true;
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Continue with Acme" }).click();
  await page.locator("[data-code=access_denied]").waitFor();
  await takePicture(page, "provider-said-no-1280");
  there.state.denies = false;
  await page.getByRole("button", { name: "Continue with Acme" }).click();
  await page.waitForURL("**/account");
  await page.getByText(`Signed in as ${there.state.user.email}`).waitFor();
  expect(complaints).toEqual([]);
});

function settingsFile(issuer: string): string {
  const directory = mkdtempSync(join(tmpdir(), "flux-e2e-providers-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "providers.json");
  writeFileSync(path, JSON.stringify([{ id: "acme", name: "Acme", issuer, ...testOidcClient }]));
  return path;
}
