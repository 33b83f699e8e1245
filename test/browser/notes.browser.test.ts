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

async function built(): Promise<Site> {
  const server = await preview({
    configFile,
    logLevel: "warn",
    preview: {
      port: 0,
      headers: { "Content-Security-Policy": "default-src 'self'; connect-src 'none'" },
    },
  });
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
  { how: "as built", start: built },
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

  it("[BRW11] every tab has a backend of its own", async () => {
    const notes = await visit();
    await notes.add("only here");
    const beside = new NotesPage(await chromium.openBeside(notes.page, site.url));
    await beside.page.getByText("Nothing noted yet.").waitFor();
    await beside.add("only there");
    await notes.showsOnly("only here");
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

describe("the notes", () => {
  let site: Site;

  beforeAll(async () => {
    site = await built();
  });
  afterAll(() => site.close());

  it.each([
    { name: "notes-light", colorScheme: "light", viewport: { width: 1100, height: 700 } },
    { name: "notes-dark", colorScheme: "dark", viewport: { width: 1100, height: 700 } },
    { name: "notes-phone", colorScheme: "light", viewport: { width: 360, height: 700 } },
  ] as const)("[BRW13] fit their window: $name", async ({ name, ...options }) => {
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
    const overflow = await notes.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
});
