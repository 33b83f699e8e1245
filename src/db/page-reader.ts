/**
 * Pages of queries for one backend, whose secret its cursors are sealed with. Cursors take a cipher
 * and keyed hashes, so all of it is loaded by the first page.
 */
import { must } from "../shared/assert";
import { Late } from "../shared/late";
import type { Page, PageRequest } from "./pagination";
import type { QueryPlan } from "./query-plan";
import type { Transaction } from "./transaction";

/** Reads one page; see `readPage` in `pagination.ts`. */
export type PageReader = (
  tx: Transaction,
  plan: QueryPlan,
  request: PageRequest,
  journalEnd: string | undefined,
) => Page;

const code = new Late(() => import("./pagination"));

export interface LatePagesOptions {
  /** 32 secret bytes. */
  readonly secret: Uint8Array;
  /** What the error about a cursor of another backend calls this one. */
  readonly instance: string;
  /** Runs `body` as code of the host, also when a function reads the first page. */
  readonly outside: <T>(body: () => T) => T;
}

/** The page reader of one backend: at once where any backend of the process has read a page. */
export class LatePages {
  readonly #options: LatePagesOptions;
  #reader: PageReader | undefined;

  constructor(options: LatePagesOptions) {
    this.#options = options;
  }

  get now(): PageReader | undefined {
    const { secret, instance } = this.#options;
    this.#reader ??= code.now?.createPageReader(secret, instance);
    return this.#reader;
  }

  async ready(): Promise<PageReader> {
    await this.#options.outside(() => code.ready());
    return must(this.now);
  }
}
