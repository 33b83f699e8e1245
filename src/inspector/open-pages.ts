/**
 * The pages that look at one backend, by name. The first one begins the inspection, the last one ends
 * it: while nobody looks, the backend knows of nobody.
 */
import type { EngineInside } from "../backend/engine-inside";
import { secretBytes } from "../shared/secure-random";
import { Inspection } from "./inspection";
import { OpenPage } from "./open-page";

/** More are refused: each holds a stream and what it has not read. */
const MAX_PAGES = 32;

export class OpenPages {
  readonly #url: string;
  readonly #pages = new Map<string, OpenPage>();
  #inspection: Inspection | undefined;

  /** @param url the backend's, for show */
  constructor(url: string) {
    this.#url = url;
  }

  /** Another page, or `undefined` when there are too many. */
  open(inside: EngineInside): OpenPage | undefined {
    if (this.#pages.size >= MAX_PAGES) return undefined;
    this.#inspection ??= new Inspection(inside);
    const name = Array.from(secretBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const page = new OpenPage({
      inspection: this.#inspection,
      hello: { page: name, url: this.#url },
      onGone: () => this.#forget(name),
    });
    this.#pages.set(name, page);
    return page;
  }

  named(name: string): OpenPage | undefined {
    return this.#pages.get(name);
  }

  #forget(name: string): void {
    this.#pages.delete(name);
    if (this.#pages.size > 0) return;
    this.#inspection?.close();
    this.#inspection = undefined;
  }
}
