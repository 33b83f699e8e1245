// Queries on a bare transaction, without functions around it.

import { CursorKey } from "../../src/db/cursor";
import { type PageRequest, readPage } from "../../src/db/pagination";
import { QueryInitializer } from "../../src/db/query";
import type { Transaction } from "../../src/db/transaction";

export const cursorKey = new CursorKey(new Uint8Array(32).fill(7), "here");

/** @param journal where a live page ended the last time */
export function queryOn(tx: Transaction, table: string, journal?: string): QueryInitializer {
  return new QueryInitializer(
    {
      tx,
      component: "",
      run: async (operation) => operation(),
      paginate: async (plan, request: PageRequest, use) =>
        use(readPage(tx, plan, request, cursorKey, journal)),
    },
    table,
  );
}
