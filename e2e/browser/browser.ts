// The real browser of a test file, and people in it: each has a browser profile of their own.

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished, type TestContext } from "vitest";
import { watchPage } from "./watch-page.ts";

/** A person with a browser: what one of them stores, no other sees. */
export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about so far: refused by the page's policy, errors of scripts, failed files. */
  readonly complaints: readonly string[];
}

export interface PersonOptions {
  /** @default 1280 */
  readonly width?: number;
  /** @default "light" */
  readonly colours?: "light" | "dark";
  /** @default that of a desktop Chrome */
  readonly userAgent?: string;
  /** The address that the server sees. @default one that nobody else has */
  readonly ip?: string;
}

/** What the server is told to believe, so that each person comes from a network of their own. */
export const proxySettings = { TRUSTED_PROXIES: "127.0.0.1", FORWARDED_HEADER: "x-forwarded-for" };

/** Within a second on a quiet machine. */
const waitMs = 60_000;

let people = 0;

/** Headless Chromium calls itself a robot, which the guard notices: people's browsers do not. */
const desktop =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.FLUX_TEST_CHROMIUM ?? "",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
}

/** Skips the test with a reason when there is no browser. */
export function needsBrowser(context: TestContext): void {
  if (!process.env.FLUX_TEST_CHROMIUM) context.skip("FLUX_TEST_CHROMIUM is not set; npm test sets it");
}

/** Closed after the test. */
export async function newPerson(browser: Browser, baseURL: string, options: PersonOptions = {}) {
  const { width = 1280, colours = "light", userAgent = desktop } = options;
  people += 1;
  const ip = options.ip ?? `203.0.113.${people}`;
  const context = await browser.newContext({
    baseURL,
    userAgent,
    extraHTTPHeaders: { "x-forwarded-for": ip },
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: colours,
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  context.setDefaultTimeout(waitMs);
  const page = await context.newPage();
  const complaints = watchPage(page);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await tell(page, complaints);
    await context.close();
  });
  return { context, page, complaints } satisfies Person;
}

/** Of a test that failed: what was to be seen, or nobody could say later what it waited for. */
async function tell(page: Page, complaints: readonly string[]): Promise<void> {
  const text = await page.innerText("body", { timeout: 5_000 }).catch(String);
  console.log(`${page.url()}\n${text.slice(0, 2_000)}\n${complaints.join("\n")}`);
}
