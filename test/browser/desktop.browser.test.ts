// examples/desktop without Electron: its backend's half in a worker thread on a SQLite file, its page
// in Chromium, and the messages of the port between them over a WebSocket.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Desktop } from "../../examples/desktop/stand-in/desktop";
import { chromiumForFile, type PageOptions, screenshot } from "./chromium";
import { DesktopPage } from "./desktop-page";

const chromium = chromiumForFile();

let folder: string;
let desktop: Desktop;

const start = () => Desktop.start({ file: join(folder, "notes.db") });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "invex-desktop-"));
  desktop = await start();
});
afterEach(async () => {
  await desktop.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openWindow(options: PageOptions = {}): Promise<DesktopPage> {
  return new DesktopPage(await chromium.open(desktop.url, options));
}

describe("the desktop program", () => {
  it("[PER26] has its notes again when it is started again", async () => {
    // The old window finds nobody then.
    const window = await openWindow({ expectedErrors: /ERR_CONNECTION_REFUSED/ });
    await window.add("Shopping");
    await window.add("Holidays");
    await window.lists("Holidays", "Shopping");
    await window.choose("Shopping");
    await window.text.fill("Oat milk");
    await window.page.getByRole("button", { name: "Pin", exact: true }).click();
    await window.page.getByRole("button", { name: "Unpin" }).waitFor();
    await window.lists("● Shopping", "Holidays");
    await desktop.close();
    desktop = await start();
    const again = await openWindow();
    await again.lists("● Shopping", "Holidays");
    expect(await again.text.inputValue()).toBe("Oat milk");
  });

  it("[PER26] windows show the same, each over a port of its own", async () => {
    const one = await openWindow();
    const two = await openWindow();
    await one.add("from one");
    await two.lists("from one");
    await two.add("from two");
    await one.lists("from two", "from one");
  });

  it("[PER27] a backend killed while notes are added loses none and doubles none", async () => {
    const window = await openWindow();
    const titles: string[] = [];
    for (let round = 1; round <= 8; round++) {
      for (const part of ["before", "while", "after"]) {
        titles.unshift(`${part} ${round}`);
        await window.add(`${part} ${round}`);
        if (part === "while") await desktop.killBackend();
      }
    }
    await window.lists(...titles);
    await window.reconnecting.waitFor({ state: "detached" });
    await desktop.close();
    desktop = await start();
    await (await openWindow()).lists(...titles);
  });

  it("[PER27] what is typed while there is no backend is saved when there is", async () => {
    const window = await openWindow();
    await window.add("Draft");
    await window.lists("Draft");
    await window.text.pressSequentially("Typed before");
    await desktop.killBackend();
    await window.text.pressSequentially(", meanwhile and after.");
    await window.reconnecting.waitFor({ state: "detached" });
    const beside = await openWindow();
    await beside.page.getByText("Typed before, meanwhile and after.").first().waitFor();
  });

  it("[PER28] pages of other sites, and a second program, get nothing", async () => {
    const url = desktop.url.replace("http", "ws");
    const foreign = new WebSocket(`${url}/window`, { origin: "https://example.com" });
    await expect(
      new Promise((resolve, reject) => foreign.on("open", resolve).on("error", reject)),
    ).rejects.toThrow("socket hang up");
    await expect(start()).rejects.toThrow("This SQLite file is in use");
  });

  it.each([
    { name: "desktop-light", colorScheme: "light", viewport: { width: 1000, height: 650 } },
    { name: "desktop-dark", colorScheme: "dark", viewport: { width: 1000, height: 650 } },
    { name: "desktop-narrow", colorScheme: "light", viewport: { width: 520, height: 420 } },
  ] as const)("[PER29] fits its window: $name", async ({ name, ...options }) => {
    const window = await openWindow(options);
    await window.page.getByText("Nothing noted yet.").waitFor();
    await screenshot(window.page, `${name}-empty`);
    const titles = Array.from({ length: 14 }, (_, i) => `Note number ${i + 1}, of some length`);
    for (const title of titles) await window.add(title);
    await window.lists(...[...titles].reverse());
    await window.choose("Note number 9, of some length");
    await window.text.fill(
      "The harbour at six in the morning: two gulls, one crane, no wind.\n\nAsk Mara about the second key.",
    );
    await window.page.getByRole("button", { name: "Pin", exact: true }).click();
    await window.page.getByRole("button", { name: "Unpin" }).waitFor();
    await screenshot(window.page, name);
    const overflow = await window.page.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    });
    expect(overflow).toEqual([0, 0]);
  });
});
