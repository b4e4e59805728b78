// The browser's own virtual authenticator: a phone or laptop that keeps passkeys and knows its owner's finger.

import type { Page, Route } from "playwright-core";

export interface SecurityKey {
  /**
   * Whether its owner is there and agrees to whatever it is asked; the browser asks it for the passkeys under a field, too,
   * without anybody having picked one. True at first.
   */
  ownerIsThere(isThere: boolean): Promise<void>;
  /**
   * There from the page's next challenge on: after an offer at the e-mail field has been stopped, and before the browser asks
   * for a finger. One that comes later is not noticed, and one that is there earlier answers the offer.
   */
  ownerComesWhenAsked(): Promise<void>;
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
  const ownerIsThere = async (enabled: boolean) => {
    await session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  };
  return {
    ownerIsThere,
    async ownerComesWhenAsked() {
      const come = async (route: Route) => {
        await ownerIsThere(true);
        await route.continue();
      };
      await page.route("**/passkey/generate-authenticate-options*", come, { times: 1 });
    },
  };
}
