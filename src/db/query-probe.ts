/** Somebody who watches the queries of one transaction: a port of `explain`, absent otherwise. */
import type { QueryPlan, RunningQuery } from "./query-plan";
import type { Transaction } from "./transaction";

export interface QueryProbe {
  /**
   * Told of each query when it starts.
   * @param isPage whether a page is cut from it
   * @returns the same query, watched
   */
  watch(tx: Transaction, plan: QueryPlan, running: RunningQuery, isPage: boolean): RunningQuery;
}
