// examples/durable-rooms in two browsers: two rooms at once, in the runtime they would be deployed to.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Rooms, startRooms } from "../../examples/durable-rooms/start-rooms";
import { chromiumForFile, screenshot } from "./chromium";

const chromium = chromiumForFile();
let rooms: Rooms;

beforeAll(async () => {
  rooms = await startRooms({ port: 0 });
});
afterAll(() => rooms?.close());

async function enter(name: string, room: string): Promise<Page> {
  const page = await chromium.open(rooms.url);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Room").fill(room);
  await page.getByRole("button", { name: "Come in" }).click();
  await page.getByText("Connected").waitFor();
  return page;
}

async function say(page: Page, body: string, button = "Send"): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(body);
  await page.getByRole("button", { name: button }).click();
}

const messages = (page: Page) => page.getByLabel("Messages").getByRole("listitem");

describe("rooms", () => {
  it("[BRW14] each have their own messages, and everybody in one sees the same", async () => {
    const [ada, bob, eve] = [
      await enter("Ada", "harbour"),
      await enter("Bob", "harbour"),
      await enter("Eve", "café & co"),
    ];
    await say(ada, "The ferry is late.");
    await messages(bob).filter({ hasText: "The ferry is late." }).waitFor();
    await say(bob, "Half an hour, they say.");
    await messages(ada).filter({ hasText: "Half an hour" }).waitFor();
    await say(eve, "Is anybody here?");
    await messages(eve).filter({ hasText: "Is anybody here?" }).waitFor();
    expect(await messages(eve).count()).toBe(1);
    expect(await messages(ada).allTextContents()).toEqual(await messages(bob).allTextContents());
    expect(await messages(ada).count()).toBe(2);
    await screenshot(ada, "rooms-harbour");
    await screenshot(eve, "rooms-cafe");
  });

  it("[BRW14] are woken by their alarms", async () => {
    const page = await enter("Ada", "bells");
    await say(page, "Ding.", "In 5 s");
    expect(await messages(page).count()).toBe(0);
    await messages(page).filter({ hasText: "Ding." }).waitFor();
  });
});
