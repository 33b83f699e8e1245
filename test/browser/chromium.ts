// Real headless Chromium for tests of pages. Every page has storage of its own, as another person's
// browser would; what a page logs as an error, or throws, fails the test that opened it.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SCREENSHOTS = fileURLToPath(new URL("./screenshots/", import.meta.url));

/** How long a page may take to show something on a machine that is busy with other things. */
const PATIENCE_MS = 60_000;

/** Without these it asks the network for things of its own. */
export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface PageOptions extends BrowserContextOptions {
  /** Errors a test means to cause. */
  readonly expectedErrors?: RegExp;
  /** What is to be done with the page before it goes anywhere. */
  readonly prepare?: (page: Page) => Promise<void>;
}

export interface Chromium {
  /** A page in a context of its own, gone after the test. */
  open(url: string, options?: PageOptions): Promise<Page>;
  /** One more page in the context of `page`: another tab of the same person. */
  openBeside(page: Page, url: string): Promise<Page>;
}

/** One browser for the tests of a file. Call it at the top of the file. */
export function chromiumForFile(): Chromium {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  return {
    async open(url, { expectedErrors, prepare, ...options } = {}) {
      const context = await browser.newContext(options);
      contexts.push(context);
      context.setDefaultTimeout(PATIENCE_MS);
      const report = (text: string) => {
        if (!expectedErrors?.test(text)) problems.push(text);
      };
      context.on("weberror", (event) => report(String(event.error().stack)));
      context.on("console", (message) => {
        if (message.type() === "error") report(`${message.text()} (${message.location().url})`);
      });
      const page = await context.newPage();
      await prepare?.(page);
      return visit(page, url);
    },
    openBeside: async (page, url) => visit(await page.context().newPage(), url),
  };
}

/** Saves what the page looks like, to be looked at: nothing is compared. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, animations: "disabled" });
}

async function visit(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  return page;
}
