// The network at its worst moment: what the page sends arrives, what the server answers does not.

import type { Page } from "playwright-core";

export class WithheldAnswers {
  #isWithholding = false;

  /** Stands between `page` and the server's WebSockets. Call it before the page opens one. */
  readonly prepare = async (page: Page): Promise<void> => {
    await page.routeWebSocket(/\/sync$/, (inPage) => {
      const server = inPage.connectToServer();
      server.onMessage((message) => {
        if (!this.#isWithholding) inPage.send(message);
      });
    });
  };

  /** From now on nothing comes through. */
  begin(): void {
    this.#isWithholding = true;
  }

  /** For connections made from now on: what was withheld is lost. */
  end(): void {
    this.#isWithholding = false;
  }
}
