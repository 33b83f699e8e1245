// The page of examples/node-server as a visitor uses it.

import type { Locator, Page } from "playwright-core";

export class ChatPage {
  readonly page: Page;
  readonly #connection: Locator;

  constructor(page: Page) {
    this.page = page;
    this.#connection = page.getByRole("status");
  }

  async join(name: string): Promise<this> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: "Come in" }).click();
    await this.visitor(name).waitFor();
    return this;
  }

  /** Writes and sends; resolves when the keys are pressed. */
  async say(body: string): Promise<void> {
    const composer = this.page.getByLabel("Message", { exact: true });
    await composer.fill(body);
    await composer.press("Enter");
  }

  visitor(name: string): Locator {
    return this.page.getByLabel("Here now").getByRole("listitem").filter({ hasText: name });
  }

  /** Messages whose body has this text in it, confirmed by the server or not. */
  message(text: string): Locator {
    return this.#messages("", text);
  }

  /** The same, confirmed. */
  confirmed(text: string): Locator {
    return this.#messages(":not(.sending)", text);
  }

  sending(text: string): Locator {
    return this.#messages(".sending", text);
  }

  get connectionLost(): Locator {
    return this.#connection.filter({ hasText: "Connection lost" });
  }

  get tryAgain(): Locator {
    return this.page.getByRole("button", { name: "Try again" });
  }

  get loadOlder(): Locator {
    return this.page.getByRole("button", { name: "Load older" });
  }

  get beginning(): Locator {
    return this.page.getByText("This is where it began.");
  }

  /** All bodies, from the top. */
  bodies(): Promise<string[]> {
    return this.page.locator(".messages p").allTextContents();
  }

  #messages(state: string, text: string): Locator {
    return this.page
      .locator(`.messages li${state}`)
      .filter({ has: this.page.locator("p", { hasText: text }) });
  }
}
