// A window of examples/desktop as its user sees it.

import type { Locator, Page } from "playwright-core";

export class DesktopPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get title(): Locator {
    return this.page.getByLabel("Title");
  }

  get text(): Locator {
    return this.page.getByLabel("Text");
  }

  get reconnecting(): Locator {
    return this.page.getByText("Reconnecting…");
  }

  /** Does not wait for it to be there. */
  async add(title: string): Promise<void> {
    await this.page.getByLabel("New note").fill(title);
    await this.page.getByLabel("New note").press("Enter");
  }

  async choose(title: string): Promise<void> {
    await this.page.getByRole("button", { name: title }).click();
    await this.page.waitForFunction(
      (expected) =>
        document.querySelector<HTMLInputElement>("[aria-label=Title]")?.value === expected,
      title,
    );
  }

  /** Resolves when these and no others are listed, from the top. */
  async lists(...titles: string[]): Promise<void> {
    await this.page.waitForFunction((expected) => {
      const shown = [...document.querySelectorAll("nav li strong")].map((each) => each.textContent);
      return JSON.stringify(shown) === JSON.stringify(expected);
    }, titles);
  }
}
