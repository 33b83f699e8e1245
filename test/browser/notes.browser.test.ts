// The notes of examples/browser: the whole backend in a page in Chromium, with no server behind it
// but one for files. As built, under a policy that forbids making code from text, and as Vite's
// development server gives it.

import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { createServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumForFile, type PageOptions, screenshot } from "./chromium";
import { NotesPage } from "./notes-page";

const configFile = fileURLToPath(new URL("../../examples/browser/vite.config.ts", import.meta.url));

const chromium = chromiumForFile();

interface Site {
  readonly url: string;
  close(): Promise<unknown>;
}

async function built(policy = "default-src 'self'; connect-src 'none'"): Promise<Site> {
  const headers = { "Content-Security-Policy": policy, "Access-Control-Allow-Origin": "*" };
  const server = await preview({ configFile, logLevel: "warn", preview: { port: 0, headers } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

async function inDevelopment(): Promise<Site> {
  const server = await createServer({
    configFile,
    logLevel: "warn",
    server: { port: 0 },
    // What only the tests import: found later, it would make Vite reload the page.
    optimizeDeps: { include: ["convex/browser"] },
  });
  await server.listen();
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

describe.each([
  { how: "as built", start: () => built() },
  { how: "in development", start: inDevelopment },
])("a backend in the page, $how", ({ start }) => {
  let site: Site;

  beforeAll(async () => {
    site = await start();
  });
  afterAll(() => site.close());

  const visit = async (options?: PageOptions) =>
    new NotesPage(await chromium.open(site.url, options));

  it("[BRW10] adds, searches, deletes and takes back", async () => {
    const notes = await visit();
    await notes.page.getByText("Nothing noted yet.").waitFor();
    await notes.add("Buy oat milk");
    await notes.add("Call the harbour master");
    await notes.showsOnly("Call the harbour master", "Buy oat milk");
    await notes.search.fill("harb");
    await notes.showsOnly("Call the harbour master");
    await notes.search.fill("");
    await notes.remove("Buy oat milk").click();
    await notes.showsOnly("Call the harbour master");
    await notes.undo.click();
    await notes.showsOnly("Call the harbour master", "Buy oat milk");
    await notes.undo.waitFor({ state: "detached" });
  });

  it("[BRW10] runs scheduled functions in the page", async () => {
    const notes = await visit();
    await notes.add("gone for good");
    await notes.remove("gone for good").click();
    await notes.undo.waitFor();
    await notes.undo.waitFor({ state: "detached" });
    await notes.showsOnly();
  });

  it("[BRW10] a field bound to the database keeps up with typing, in the middle too", async () => {
    const notes = await visit();
    await notes.add("ad");
    await notes.field(0).press("Home");
    await notes.page.keyboard.press("ArrowRight");
    await notes.page.keyboard.type("bcdefghijklmnopqrstuvwxyz and b");
    await notes.showsOnly("abcdefghijklmnopqrstuvwxyz and bd");
  });

  it("[BRW15] notes, and what is scheduled for them, outlive a reload", async () => {
    const notes = await visit();
    await notes.add("kept");
    await notes.add("gone soon");
    await notes.page.reload();
    await notes.showsOnly("gone soon", "kept");
    await notes.remove("gone soon").click();
    await notes.undo.waitFor();
    await notes.page.reload();
    await notes.undo.waitFor();
    await notes.undo.waitFor({ state: "detached" });
    await notes.page.reload();
    await notes.showsOnly("kept");
  });

  it("[BRW11] a second tab says where the notes are, and has them when the first is closed", async () => {
    const notes = await visit();
    await notes.add("one for both");
    const beside = new NotesPage(await chromium.openBeside(notes.page, site.url));
    await beside.page.getByText("open in another tab").waitFor();
    await notes.add("still writing");
    await notes.page.close();
    await beside.showsOnly("still writing", "one for both");
    await beside.add("mine now");
    await beside.page.reload();
    await beside.showsOnly("mine now", "still writing", "one for both");
  });
});

describe("the engine in Chromium", () => {
  let site: Site;

  beforeAll(async () => {
    site = await inDevelopment();
  });
  afterAll(() => site.close());

  /** Calls an export of `engine-in-page.ts`, which Vite serves like the page's own modules. */
  function call(page: Page, name: keyof typeof import("./engine-in-page"), arg = ""): unknown {
    const path = `/@fs${fileURLToPath(new URL("./engine-in-page.ts", import.meta.url))}`;
    const [module, given] = [path, arg].map((text) => JSON.stringify(text));
    return page.evaluate(`import(${module}).then((module) => module.${name}(${given}))`);
  }

  it("[BRW12] leaves time, randomness and globals inside functions alone", async () => {
    const seen = { isUntouched: true, hasTimePassed: true, process: "undefined" };
    expect(await call(await chromium.open(site.url), "observeGlobals")).toEqual(seen);
  });

  it("[BRW12] has no folder to read modules from, and says so", async () => {
    expect(await call(await chromium.open(site.url), "readFolder")).toBe("NotSupported");
  });

  it("[BRW11] tabs share a backend in a SharedWorker, which outlives all but the last", async () => {
    const one = await chromium.open(site.url);
    await call(one, "useSharedBackend", "from one");
    const two = await chromium.openBeside(one, site.url);
    await call(two, "useSharedBackend", "from two");
    for (const page of [one, two]) {
      await page.waitForFunction(() => document.title === "from two, from one");
    }
    await one.close();
    await call(two, "useSharedBackend", "alone");
    await two.waitForFunction(() => document.title === "alone, from two, from one");
  });
});

const windows = [
  { name: "notes-light", colorScheme: "light", viewport: { width: 1100, height: 700 } },
  { name: "notes-dark", colorScheme: "dark", viewport: { width: 1100, height: 700 } },
  { name: "notes-phone", colorScheme: "light", viewport: { width: 360, height: 700 } },
] as const;

async function expectToFit(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}

describe("the notes", () => {
  let site: Site;

  beforeAll(async () => {
    site = await built();
  });
  afterAll(() => site.close());

  it.each(windows)("[BRW13] fit their window: $name", async ({ name, ...options }) => {
    const notes = new NotesPage(await chromium.open(site.url, options));
    await screenshot(notes.page, `${name}-empty`);
    for (const text of [
      "Oat milk, bread, the good cheese, something green",
      "Ring the harbour master about the mooring before Friday",
      "Ideas for the shed",
      "gone in a moment",
      "“Simplicity is prerequisite for reliability.” Dijkstra, and he should know; the rest is wiring",
    ]) {
      await notes.add(text);
    }
    await notes.remove("gone in a moment").click();
    await notes.undo.waitFor();
    await screenshot(notes.page, name);
    await expectToFit(notes.page);
    const beside = await chromium.openBeside(notes.page, site.url);
    await beside.getByText("open in another tab").waitFor();
    await screenshot(beside, `${name}-second-tab`);
    await expectToFit(beside);
  });

  it("[BRW15] say so when they can be kept no longer, and are there after a reload", async () => {
    const notes = new NotesPage(
      await chromium.open(site.url, {
        expectedErrors: /Uncaught error in a sync session|WebSocket closed/,
      }),
    );
    await notes.add("kept");
    await notes.page.evaluate(() => {
      void navigator.locks.request("invex:notes", { steal: true }, () => new Promise(() => {}));
    });
    await notes.page.getByLabel("New note").fill("one too many");
    await notes.page.getByLabel("New note").press("Enter");
    await notes.page.getByText("cannot be kept here").waitFor({ timeout: 15_000 });
    await screenshot(notes.page, "notes-stopped");
    await notes.page.reload();
    await notes.showsOnly("kept");
  });

  it("[BRW15] say so where a page may keep nothing", async () => {
    const sandboxed = await built("sandbox allow-scripts");
    const page = await chromium.open(sandboxed.url, { ...windows[2] });
    await page.getByText("may not keep data").waitFor();
    await screenshot(page, "notes-unwritable");
    await expectToFit(page);
    await sandboxed.close();
  });
});
