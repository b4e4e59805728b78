// What the tests of the pages begin with: a flux-auth of their own, a real browser, and people in front of it.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  needsBrowser,
  newPerson,
  type Person,
  type PersonOptions,
  proxySettings,
  startBrowser,
} from "./browser/browser.ts";
import { type Outbox, openOutbox } from "./server/outbox.ts";
import { type FluxAuth, startFluxAuth } from "./server/server.ts";

export interface Scene {
  /** Where flux-auth is. */
  readonly url: string;
  readonly outbox: Outbox;
  /** Somebody comes, in a browser that has never been here; gone after the test. */
  visit(options?: PersonOptions): Promise<Person>;
}

/**
 * Starts both before the tests of a file and stops them after; skips the tests when there is no browser.
 * @param env settings of flux-auth
 */
export function setScene(env: Readonly<Record<string, string>> = {}): () => Scene {
  let browser: Browser | undefined;
  let server: FluxAuth | undefined;
  beforeAll(async () => {
    if (!process.env.FLUX_TEST_CHROMIUM) return;
    [browser, server] = await Promise.all([
      startBrowser(),
      startFluxAuth(async () => ({ ...proxySettings, ...env })),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(needsBrowser);
  return () => {
    if (!browser || !server) throw new Error("The scene is set before each test, not before.");
    const { url, dataDir } = server;
    const open = browser;
    return { url, outbox: openOutbox(dataDir), visit: (options) => newPerson(open, url, options) };
  };
}
