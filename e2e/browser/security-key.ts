// The browser's own virtual authenticator: a phone or laptop that keeps passkeys and knows its owner's finger.

import type { Page } from "playwright-core";

/** https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/ */
export async function plugInSecurityKey(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
