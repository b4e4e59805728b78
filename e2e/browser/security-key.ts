// The browser's own virtual authenticator: a phone or laptop that keeps passkeys and knows its owner's finger.

import type { Page } from "playwright-core";

export interface SecurityKey {
  /**
   * Whether its owner is there and agrees to whatever it is asked; the browser asks it for the passkeys under a field, too,
   * without anybody having picked one. True at first.
   */
  ownerIsThere(isThere: boolean): Promise<void>;
}

/** https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/ */
export async function plugInSecurityKey(page: Page): Promise<SecurityKey> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async ownerIsThere(enabled) {
      await session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
    },
  };
}
