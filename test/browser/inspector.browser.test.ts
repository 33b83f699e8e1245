// The inspector's page in Chromium: all its views against a running backend, by mouse and by
// keyboard, on a desk and on a phone, in light and in dark.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumForFile, type PageOptions, screenshot } from "./chromium";
import { KEY, startInspectedApp } from "./inspected-app";

const chromium = chromiumForFile();
let app: Awaited<ReturnType<typeof startInspectedApp>>;

beforeAll(async () => {
  app = await startInspectedApp();
});
afterAll(() => app.close());

const PHONE = { viewport: { width: 375, height: 720 }, isMobile: true, hasTouch: true };
const VIEWS = ["Tables", "Functions", "Logs", "Schedule", "Live", "Commits"];

/** The browser tells of every 401, as of an error. */
const LOCKED = /401/;

async function open(options: PageOptions = {}): Promise<Page> {
  const page = await chromium.open(`${app.url}#key=${KEY}`, options);
  await page.locator(".connection-open").waitFor();
  return page;
}

const view = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Views" }).getByRole("link", { name, exact: true });

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

describe("the inspector", () => {
  it("[INS24] asks for the key, and keeps it in the tab", async () => {
    const page = await chromium.open(app.url, { expectedErrors: LOCKED });
    await page.getByLabel("Key").fill("not-the-right-key-at-all");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("That is not the key.").waitFor();
    await screenshot(page, "inspector-key");
    await page.getByLabel("Key").fill(KEY);
    await page.getByLabel("Key").press("Enter");
    await page.locator(".connection-open").waitFor();
    await page.reload();
    await page.locator(".connection-open").waitFor();
    expect(page.url()).not.toContain(KEY);
    const other = await chromium.openBeside(page, app.url);
    await other.getByLabel("Key").waitFor();
  });

  it("[INS24] shows rows as they change, filters, pages, opens and edits", async () => {
    const page = await open();
    expect(page.url()).not.toContain(KEY);
    await page.getByRole("row", { name: /message 119/ }).waitFor();
    await app.backend.mutation("messages:send", { author: "Ada", body: "hello from a client" });
    await page.getByRole("row", { name: /hello from a client/ }).waitFor();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("page 2, 50 rows").waitFor();
    await page.getByLabel("Index").selectOption("by_author");
    await page.getByLabel("Field").fill("author");
    await page.getByLabel("Value").fill("Grace");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("page 1, 40 rows").waitFor();
    await page.locator(".chip-index").waitFor();
    await page.getByRole("row", { name: /message 118/ }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page
      .getByLabel("Fields")
      .fill('{ author: "Grace", body: "edited by hand", likes: "no" }');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/does not match the schema/).waitFor();
    await page.getByLabel("Fields").fill('{ author: "Grace", body: "edited by hand", likes: 7 }');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: /edited by hand/ }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it for good?" }).click();
    await page.getByText("page 1, 39 rows").waitFor();
  });

  it("[INS24] calls functions as somebody, subscribes, explains, and tells of mistakes", async () => {
    const page = await open();
    await view(page, "Functions").click();
    await page.getByRole("link", { name: /messages:send$/ }).click();
    await page.getByLabel("Arguments").fill('{ author: "Ada", body: "by hand" }');
    await page.getByText("Act as a user").click();
    await page.getByLabel("Identity").fill('{ name: "Ada" }');
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText('"sent by Ada"').waitFor();
    await page.getByText("[LOG] 'sending' 'by hand'").waitFor();
    await page.getByLabel("Arguments").fill("{ author: }");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText(/Expected a value at line 1/).waitFor();
    await page.getByRole("link", { name: /messages:by$/ }).click();
    await page.getByLabel("Arguments").fill('{ author: "Nobody" }');
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByText("live, 1 so far").waitFor();
    await app.backend.mutation("messages:send", { author: "Nobody", body: "is here" });
    await page.getByText("live, 2 so far").waitFor();
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByText('messages.by_author: author = "Nobody"').waitFor();
  });

  it("[INS24] shows logs, the schedule, live queries and commits", async () => {
    const stop = app.backend.subscribe("messages:by", { author: "Ada" }, () => {});
    const page = await open();
    await app.backend.mutation("messages:send", { author: "Ada", body: "to be logged" });
    await view(page, "Logs").click();
    await page.getByText("'sending' 'to be logged'").waitFor();
    await page.getByLabel("Search logs").fill("nothing like it");
    await page.getByText("No line matches.").waitFor();
    await view(page, "Schedule").click();
    await page.getByText("nightly report").waitFor();
    await app.backend.mutation("messages:sendLater", { body: "later" });
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByText("Nothing is pending.").waitFor();
    await view(page, "Live").click();
    await page.locator("summary", { hasText: "messages:by" }).click();
    await page.getByText('messages.by_author: author = "Ada"').first().waitFor();
    await page.getByText("messages:send inserted").waitFor();
    await view(page, "Commits").click();
    await page.locator("summary", { hasText: "messages +1" }).first().click();
    await page.getByText('+ body: "to be logged"').waitFor();
    stop();
  });

  it("[INS24] says when it is cut off, and goes on by itself", async () => {
    const page = await open({ expectedErrors: /ERR_|Failed to load/ });
    await page.getByRole("row", { name: /message 119/ }).waitFor();
    await page.context().setOffline(true);
    await view(page, "Functions").click();
    await page.locator(".connection-lost").waitFor();
    await page.getByText("Trying again").waitFor();
    await screenshot(page, "inspector-lost");
    await page.context().setOffline(false);
    await page.locator(".connection-open").waitFor();
  });

  it("[INS25] can be used by keyboard alone", async () => {
    const page = await open();
    await page.getByRole("row", { name: /message 119/ }).waitFor();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the content");
    await page.keyboard.press("2");
    await page.getByLabel("Search functions").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("by");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toContain("messages:by");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "messages:by" }).waitFor();
    await page.getByLabel("Arguments").fill('{ author: "Ada" }');
    await page.getByLabel("Arguments").press("Control+Enter");
    await page.getByRole("heading", { name: /Result/ }).waitFor();
    await view(page, "Tables").focus();
    await page.keyboard.press("1");
    const first = page.locator("tbody tr").first();
    await first.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    const second = await page.locator("tbody tr").nth(1).textContent();
    expect(await focused(page)).toBe(second);
    await page.keyboard.press("Enter");
    await page.getByRole("complementary").waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "Close",
    );
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    expect(await focused(page)).toBe(second);
  });

  it.each([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { ...PHONE, colorScheme: "light" }],
    ["phone-dark", { ...PHONE, colorScheme: "dark" }],
  ] as const)("[INS25] fits its window, %s", async (name, options) => {
    const page = await open(options);
    for (const each of VIEWS) {
      await view(page, each).click();
      await page.locator("main#content > :not(.loading)").first().waitFor();
      await screenshot(page, `inspector-${name}-${each.toLowerCase()}`);
      const [needs, has] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        window.innerWidth,
      ]);
      expect(needs, each).toBeLessThanOrEqual(has as number);
    }
    await view(page, "Tables").click();
    await page.locator("tbody tr").first().click();
    await page.getByRole("button", { name: "Edit" }).waitFor();
    await screenshot(page, `inspector-${name}-document`);
  });
});
