// The page of examples/browser as a visitor uses it.

import type { Locator, Page } from "playwright-core";

export class NotesPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Resolves when it is shown. */
  async add(text: string): Promise<void> {
    await this.page.getByLabel("New note").fill(text);
    await this.page.getByLabel("New note").press("Enter");
    await this.remove(text).waitFor();
  }

  /** The field of the `index`th note from the top. */
  field(index: number): Locator {
    return this.page.getByLabel("Note", { exact: true }).nth(index);
  }

  get search(): Locator {
    return this.page.getByLabel("Search");
  }

  get undo(): Locator {
    return this.page.getByRole("button", { name: "Undo" });
  }

  /** The button that deletes the note of this text. */
  remove(text: string): Locator {
    return this.page.getByRole("button", { name: `Delete: ${text.slice(0, 40)}`, exact: true });
  }

  /** Resolves when these and no others are shown, from the top. */
  async showsOnly(...texts: string[]): Promise<void> {
    await this.page.waitForFunction((expected) => {
      const fields = document.querySelectorAll<HTMLTextAreaElement>(".notes textarea");
      return JSON.stringify([...fields].map(({ value }) => value)) === JSON.stringify(expected);
    }, texts);
  }
}
