// The chat of examples/node-server when things die: pages without a word, and the host itself.

import { ConvexHttpClient } from "convex/browser";
import { afterEach, describe, expect, it } from "vitest";
import { api } from "../../examples/node-server/convex/_generated/api";
import { ChatPage } from "./chat-page";
import { chromiumForFile, type PageOptions } from "./chromium";
import { NodeHost } from "./node-host";
import { WithheldAnswers } from "./withheld-answers";

const chromium = chromiumForFile();

let host: NodeHost;

afterEach(() => host.remove());

async function visit(name: string, options?: PageOptions): Promise<ChatPage> {
  return new ChatPage(await chromium.open(host.url, options)).join(name);
}

/** Two visitors who are ready to lose the host. */
async function visitBoth(options?: PageOptions): Promise<[ChatPage, ChatPage]> {
  const expectedErrors = /ERR_CONNECTION_REFUSED|WebSocket|Key is invalid/;
  const ada = await visit("Ada", { expectedErrors, ...options });
  const bob = await visit("Bob", { expectedErrors });
  return [ada, bob];
}

/** Ends the page's process: no handler of it runs any more. */
async function crash({ page }: ChatPage): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  devTools.send("Page.crash").catch(() => undefined);
  await crashed;
}

/** What the host itself knows, the oldest first. */
async function stored(): Promise<string[]> {
  const paginationOpts = { numItems: 1000, cursor: null };
  const { page } = await new ConvexHttpClient(host.url).query(api.messages.list, {
    paginationOpts,
  });
  return page.map(({ body }) => body).reverse();
}

describe("the chat when pages die", () => {
  it("[BRW3] whose page dies without a word leaves when no heartbeat comes", async () => {
    host = await NodeHost.start({ env: { PRESENCE_LEASE_MS: "3000" } });
    const ada = await visit("Ada");
    const bob = await visit("Bob");
    await ada.visitor("Bob").waitFor();
    await crash(bob);
    await ada.visitor("Bob").waitFor({ state: "detached" });
    await ada.visitor("Ada").waitFor();
  });

  it("[BRW3] and also when the host dies meanwhile", async () => {
    host = await NodeHost.start({ env: { PRESENCE_LEASE_MS: "3000" } });
    const [ada, bob] = await visitBoth();
    await ada.visitor("Bob").waitFor();
    await crash(bob);
    await host.kill();
    await ada.connectionLost.waitFor();
    await host.restart();
    await ada.connectionLost.waitFor({ state: "detached" });
    await ada.visitor("Bob").waitFor({ state: "detached" });
    await ada.visitor("Ada").waitFor();
  });
});

describe("the chat when the host is killed", () => {
  it("[BRW7] a conversation goes on with every message once, in order", async () => {
    host = await NodeHost.start();
    const [ada, bob] = await visitBoth();
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}.`);
    for (const line of lines.slice(0, 10)) await ada.say(line);
    await bob.confirmed("line 3.").waitFor();
    await host.kill();
    for (const line of lines.slice(10, 20)) await ada.say(line);
    await ada.connectionLost.waitFor();
    await host.restart();
    for (const line of lines.slice(20)) await ada.say(line);
    for (const page of [ada, bob]) {
      await page.connectionLost.waitFor({ state: "detached" });
      await page.confirmed("line 30.").waitFor();
      expect(await page.bodies()).toEqual(lines);
    }
    expect(await stored()).toEqual(lines);
    await bob.say("I heard it all.");
    await ada.confirmed("I heard it all.").waitFor();
  });

  it("[BRW7] a message that was stored but never acknowledged is sent again, and there once", async () => {
    host = await NodeHost.start();
    const network = new WithheldAnswers();
    const [ada, bob] = await visitBoth({ prepare: network.prepare });
    network.begin();
    await ada.say("in doubt");
    await bob.confirmed("in doubt").waitFor();
    await ada.sending("in doubt").waitFor();
    await host.kill();
    await ada.connectionLost.waitFor();
    network.end();
    await host.restart();
    await ada.confirmed("in doubt").waitFor();
    await ada.say("and on");
    await bob.confirmed("and on").waitFor();
    for (const page of [ada, bob]) expect(await page.bodies()).toEqual(["in doubt", "and on"]);
    expect(await stored()).toEqual(["in doubt", "and on"]);
  });

  it("[BRW7] pages of a host that forgets recover, too", async () => {
    host = await NodeHost.start({ database: ":memory:" });
    const [ada, bob] = await visitBoth();
    await ada.say("before");
    await bob.confirmed("before").waitFor();
    host.freeze();
    await ada.say("on its way");
    await ada.sending("on its way").waitFor();
    await host.kill();
    await ada.connectionLost.waitFor();
    await bob.connectionLost.waitFor();
    await bob.say("while it is down");
    await bob.sending("while it is down").waitFor();
    await host.restart();
    for (const page of [ada, bob]) {
      await page.tryAgain.click();
      await page.confirmed("on its way").waitFor();
      await page.confirmed("while it is down").waitFor();
    }
    expect((await ada.bodies()).sort()).toEqual(["on its way", "while it is down"]);
    expect((await bob.bodies()).sort()).toEqual(["on its way", "while it is down"]);
    expect((await stored()).sort()).toEqual(["on its way", "while it is down"]);
  });
});
