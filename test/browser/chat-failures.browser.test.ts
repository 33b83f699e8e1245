// The chat of examples/node-server when things die: pages without a word, and the host itself.

import { afterEach, describe, expect, it } from "vitest";
import { ChatPage } from "./chat-page";
import { type PageOptions, useChromium } from "./chromium";
import { NodeHost } from "./node-host";

const chromium = useChromium();

let host: NodeHost;

afterEach(() => host.kill());

async function visit(name: string, options?: PageOptions): Promise<ChatPage> {
  return new ChatPage(await chromium.open(host.url, options)).join(name);
}

describe("the chat when things die", () => {
  it("[BRW3] whose page dies without a word leaves when no heartbeat comes", async () => {
    host = await NodeHost.start({ PRESENCE_LEASE_MS: "3000" });
    const ada = await visit("Ada");
    const bob = await visit("Bob");
    await ada.visitor("Bob").waitFor();
    const devTools = await bob.page.context().newCDPSession(bob.page);
    const crashed = bob.page.waitForEvent("crash");
    devTools.send("Page.crash").catch(() => undefined);
    await crashed;
    expect(await ada.visitor("Bob").count()).toBe(1);
    await ada.visitor("Bob").waitFor({ state: "detached" });
    await ada.visitor("Ada").waitFor();
  });

  it("[BRW7] both browsers recover when the host is killed and comes back", async () => {
    host = await NodeHost.start();
    const expectedErrors = /ERR_CONNECTION_REFUSED|WebSocket|Key is invalid/;
    const ada = await visit("Ada", { expectedErrors });
    const bob = await visit("Bob", { expectedErrors });
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
      await page.connectionLost.waitFor({ state: "detached" });
      await page.confirmed("on its way").waitFor();
      await page.confirmed("while it is down").waitFor();
      await page.visitor("Ada").waitFor();
      await page.visitor("Bob").waitFor();
    }
    await ada.say("after");
    await bob.confirmed("after").waitFor();
    const expected = ["after", "on its way", "while it is down"];
    expect((await ada.bodies()).sort()).toEqual(expected);
    expect((await bob.bodies()).sort()).toEqual(expected);
  });
});
