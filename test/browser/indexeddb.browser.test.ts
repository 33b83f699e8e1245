// `invex/indexeddb` on the IndexedDB and the Web Locks of a real Chromium.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumForFile } from "./chromium";
import { MortalChromium } from "./mortal-chromium";
import { type ScriptPage, serveScript } from "./script-page";

type InPage = typeof import("./indexeddb-in-page");

const chromium = chromiumForFile();
let site: ScriptPage<InPage>;

beforeAll(async () => {
  site = await serveScript<InPage>("./indexeddb-in-page.ts");
});
afterAll(() => site.close());

describe("indexedDB in Chromium", () => {
  it("[PER23] passes the cases of the port's contract", async () => {
    const results = await site.call(await chromium.open(site.url), "conformance");
    expect(Object.keys(results).length).toBeGreaterThan(15);
    expect(Object.entries(results).filter(([, problem]) => problem !== "")).toEqual([]);
  });

  it("[PER23] data and files outlive reloads, at once and without being refused", async () => {
    const page = await chromium.open(site.url);
    const file = await site.call(page, "keep", 3_000_000);
    for (let n = 1; n <= 20; n++) {
      await site.call(page, "add", n);
      await page.reload();
      expect((await site.call(page, "read")).count).toBe(n);
    }
    expect(await site.call(page, "sizeOf", file)).toBe(3_000_000);
  });

  it("[PER21] a second tab is refused, and gets in when the first is closed", async () => {
    const page = await chromium.open(site.url);
    await site.call(page, "add", 1);
    const beside = await chromium.openBeside(page, site.url);
    const refusal = { code: "PersistenceFailed", problem: "busy" };
    expect(await site.call(beside, "whyNot")).toMatchObject(refusal);
    await site.call(page, "add", 2);
    await page.close();
    await beside.reload();
    expect(await site.call(beside, "read")).toEqual({ pairs: [1, 1, 2, 2], count: 2 });
  });

  it("[PER22] a page that may keep nothing is told so", async () => {
    const page = await chromium.open(site.sandboxedUrl);
    const refusal = await site.call(page, "whyNot");
    expect(refusal).toMatchObject({ code: "PersistenceFailed", problem: "unwritable" });
    expect(refusal).toMatchObject({ message: expect.stringContaining("may not keep data") });
  });

  it("[PER24] a full quota refuses a file and stops the backend with its reason, losing nothing", async () => {
    const page = await chromium.open(site.url);
    await limitStorage(page, 20_000_000);
    const { file, commit, commits } = await site.call(page, "fillUp");
    const full = { message: expect.stringContaining("storage quota is used up") };
    expect(file).toMatchObject(full);
    expect(commit).toMatchObject({ code: "PersistenceFailed", ...full });
    expect(commits).toBeGreaterThan(0);
    await limitStorage(page, 200_000_000);
    await page.reload();
    expect(await site.call(page, "read")).toEqual({ pairs: [1, 1], count: 1 });
    await site.call(page, "add", 2);
  });
});

describe("a browser that is killed while it commits", () => {
  const browser = new MortalChromium();
  afterAll(() => browser.remove());

  it("[PER25] loses nothing that was acknowledged and keeps nothing half", async () => {
    const rounds = Number(process.env.CRASH_ROUNDS ?? 20);
    let known = 0;
    let dropped = 0;
    for (let round = 1; round <= rounds + 1; round++) {
      const page = await browser.start(site.url);
      const isThere = await site.call(page, "witness");
      if (!isThere && round > 1) {
        // Chromium's own doing: a database that Invex never touched is gone as well.
        dropped += 1;
        known = 0;
      }
      const found = await site.call(page, "read");
      expectWhole(found, known, round);
      // Anywhere within the first commits or after many of them.
      if (round <= rounds) known = await killedAfter(page, found.count, 1 + ((round * 37) % 150));
    }
    expect(dropped).toBeLessThan(rounds / 4);
  }, 600_000);

  /** Lets the page commit until that many are acknowledged; @returns the greatest of them. */
  async function killedAfter(page: Page, from: number, count: number): Promise<number> {
    let acknowledged = from;
    let left = count;
    let resolveEnough = () => {};
    const enough = new Promise<void>((resolve) => {
      resolveEnough = resolve;
    });
    await page.exposeFunction("acknowledged", (n: number) => {
      acknowledged = Math.max(acknowledged, n);
      left -= 1;
      if (left <= 0) resolveEnough();
    });
    const committing = site.call(page, "addForEver", from + 1);
    await Promise.race([enough, committing]);
    await browser.kill();
    await expect(committing).rejects.toThrow("closed");
    return acknowledged;
  }
});

type Ledger = Awaited<ReturnType<InPage["read"]>>;

/** Both documents of every number from 1 on, none missing in between, and all that are known. */
function expectWhole({ pairs, count }: Ledger, known: number, round: number): void {
  const expected = Array.from({ length: count }, (_, i) => [i + 1, i + 1]).flat();
  expect(pairs, `round ${round}`).toEqual(expected);
  expect(count, `round ${round}`).toBeGreaterThanOrEqual(known);
}

async function limitStorage(page: Page, quotaSize: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", {
    origin: new URL(site.url).origin,
    quotaSize,
  });
}
