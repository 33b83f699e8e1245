/**
 * Pages of queries for one backend, whose secret its cursors are sealed with. Cursors take a cipher
 * and keyed hashes, so all of it is loaded by the first page.
 */
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

/**
 * @param instance what the error about a cursor of another backend calls this one
 * @param outside runs `body` as code of the host, also when a function reads the first page
 */
export function latePageReader(
  secret: Uint8Array,
  instance: string,
  outside: <T>(body: () => T) => T,
): Late<PageReader> {
  return new Late<PageReader>(() =>
    outside(async (): Promise<PageReader> => {
      const { createPageReader } = await import("./pagination");
      return createPageReader(secret, instance);
    }),
  );
}
