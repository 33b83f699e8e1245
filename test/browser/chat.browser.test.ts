// The chat of examples/node-server: its built page in Chromium, its host as a process.

import { ConvexHttpClient } from "convex/browser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { api } from "../../examples/node-server/convex/_generated/api";
import { ChatPage } from "./chat-page";
import { chromiumForFile, type PageOptions, screenshot } from "./chromium";
import { NodeHost } from "./node-host";

const chromium = chromiumForFile();

let host: NodeHost;

beforeEach(async () => {
  host = await NodeHost.start();
});

afterEach(() => host.remove());

async function visit(name: string, options?: PageOptions): Promise<ChatPage> {
  return new ChatPage(await chromium.open(host.url, options)).join(name);
}

/** Sends from outside, one after the other. */
async function seed(author: string, bodies: readonly string[]): Promise<void> {
  const client = new ConvexHttpClient(host.url);
  for (const body of bodies) await client.mutation(api.messages.send, { author, body });
}

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

describe("the chat", () => {
  it("[BRW1] two browsers see each other and each other's messages", async () => {
    const ada = await visit("Ada");
    const bob = await visit("Bob");
    await ada.visitor("Bob").waitFor();
    await bob.visitor("Ada").waitFor();
    await ada.say("Is anybody there?");
    await bob.confirmed("Is anybody there?").waitFor();
    await bob.say("Only me.\nAnd the gulls.");
    await ada.confirmed("And the gulls.").waitFor();
    const said = ["Is anybody there?", "Only me.\nAnd the gulls."];
    expect(await ada.bodies()).toEqual(said);
    expect(await bob.bodies()).toEqual(said);
    expect(await ada.visitor("Ada").textContent()).toContain("you");
    expect(await ada.visitor("Bob").textContent()).not.toContain("you");
  });

  it("[BRW2] who closes the page is gone at once, and who reloads it is there once", async () => {
    const ada = await visit("Ada");
    const bob = await visit("Bob");
    await ada.visitor("Bob").waitFor();
    await bob.page.reload();
    await bob.visitor("Ada").waitFor();
    await ada.page.waitForFunction(() => document.querySelectorAll(".visitors li").length === 2);
    await bob.page.close();
    await ada.visitor("Bob").waitFor({ state: "detached" });
    expect(await ada.visitor("Ada").count()).toBe(1);
  });

  it("[BRW4] a message shows before the server has it, and is confirmed in its place", async () => {
    await seed("Bob", ["before"]);
    const ada = await visit("Ada");
    await ada.confirmed("before").waitFor();
    host.freeze();
    await ada.say("at once");
    await ada.sending("at once").waitFor();
    expect(await ada.bodies()).toEqual(["before", "at once"]);
    host.thaw();
    await ada.confirmed("at once").waitFor();
    expect(await ada.bodies()).toEqual(["before", "at once"]);
  });

  it("[BRW5] a refused message goes, with the reason, and its text comes back", async () => {
    const ada = await visit("Ada", { expectedErrors: /at most 280 characters/ });
    const bob = await visit("Bob");
    const body = `too long${"!".repeat(273)}`;
    host.freeze();
    await ada.say(body);
    await ada.sending("too long").waitFor();
    host.thaw();
    await ada.page.getByRole("alert").filter({ hasText: "at most 280 characters" }).waitFor();
    await ada.message("too long").waitFor({ state: "detached" });
    expect(await ada.page.getByLabel("Message", { exact: true }).inputValue()).toBe(body);
    await ada.say("short enough");
    await bob.confirmed("short enough").waitFor();
    expect(await bob.bodies()).toEqual(["short enough"]);
    await ada.page.getByRole("alert").waitFor({ state: "hidden" });
  });

  it("[BRW6] older messages load without a gap while new ones come in", async () => {
    const old = numbered("old", 100);
    await seed("Bob", old);
    const ada = await visit("Ada");
    await ada.confirmed("old 100").waitFor();
    expect(await ada.bodies()).toEqual(old.slice(-30));
    const arriving = numbered("new", 40);
    const arrivals = seed("Bob", arriving);
    for (const edge of ["old 41", "old 11", "old 1"]) {
      await ada.loadOlder.click();
      await ada.page.locator(".messages p").getByText(edge, { exact: true }).waitFor();
    }
    await arrivals;
    await ada.confirmed("new 40").waitFor();
    await ada.beginning.waitFor();
    expect(await ada.bodies()).toEqual([...old, ...arriving]);
  });

  it("[BRW6] and the reader keeps the place", async () => {
    await seed("Bob", numbered("old", 100));
    const ada = await visit("Ada");
    await ada.confirmed("old 100").waitFor();
    await ada.loadOlder.scrollIntoViewIfNeeded();
    const top = () => ada.confirmed("old 71").evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await ada.loadOlder.click();
    await ada.confirmed("old 41").waitFor();
    expect(Math.abs((await top()) - before)).toBeLessThan(60);
    await seed("Bob", ["new below"]);
    await ada.confirmed("new below").waitFor({ state: "attached" });
    expect(Math.abs((await top()) - before)).toBeLessThan(60);
    await ada.say("my own");
    await ada.page.waitForFunction(() => document.querySelector(".scroller")?.scrollTop === 0);
  });

  it("[BRW8] can be used without a mouse", async () => {
    await seed("Bob", numbered("old", 40));
    const page = await chromium.open(host.url);
    await page.locator("input:focus").waitFor();
    await page.keyboard.type("Ada");
    await page.keyboard.press("Enter");
    const ada = new ChatPage(page);
    await ada.confirmed("old 40").waitFor();
    const focus = async (name: string) => {
      for (let tabs = 0; tabs < 10; tabs++) {
        await page.keyboard.press("Tab");
        const focused = page.locator(":focus");
        if ((await focused.count()) > 0 && (await label(focused)) === name) return;
      }
      throw new Error(`no tab leads to ${name}`);
    };
    await focus("Load older");
    await page.keyboard.press("Enter");
    await ada.beginning.waitFor();
    await focus("Message");
    await page.keyboard.type("two");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("lines");
    await page.keyboard.press("Enter");
    await ada.confirmed("lines").waitFor();
    expect((await ada.bodies()).at(-1)).toBe("two\nlines");
  });

  it.each([
    { name: "chat-light", colorScheme: "light", viewport: { width: 1100, height: 760 } },
    { name: "chat-dark", colorScheme: "dark", viewport: { width: 1100, height: 760 } },
    { name: "chat-phone", colorScheme: "light", viewport: { width: 360, height: 700 } },
  ] as const)("[BRW9] fits its window: $name", async ({ name, ...options }) => {
    const page = await chromium.open(host.url, options);
    await screenshot(page, `${name}-join`);
    const ada = await new ChatPage(page).join("Ada");
    await visit("Bob");
    await visit("Grace Hopper");
    await seed("Bob", ["Morning!", "The ferry is late again. Anyone want to share a taxi?"]);
    await seed("Grace Hopper", [
      "https://example.com/a-very-long-address-without-a-single-break-in-it/that-goes-on-and-on-and-on-for-ever",
    ]);
    await seed("Ada", ["I’m in.", "Ten minutes at the north gate?"]);
    await ada.visitor("Grace").waitFor();
    await ada.confirmed("north gate").waitFor();
    host.freeze();
    await ada.say("Make it fifteen, I still have to find my umbrella.");
    await ada.sending("umbrella").waitFor();
    await screenshot(page, name);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    host.thaw();
    expect(overflow).toBe(0);
  });
});

/** What assistive technology calls it, near enough for this page. */
function label(element: ReturnType<ChatPage["message"]>): Promise<string | null> {
  return element.evaluate((node) => node.getAttribute("aria-label") ?? node.textContent);
}
