/** W9: pages of 100 down the busiest channel, each from the cursor of the one before. */

import { Answer } from "../answer";
import type { Cursor } from "../driver";
import { general } from "../message";
import { microsecondsEach, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { loaded } from "./loaded";

const perPage = 100;

export const page: Workload = {
  id: "W9",
  title: "page of 100",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store } = await loaded(driver, size);
    let cursor: Cursor | undefined;
    const turn = () => {
      const result = store.page(general, perPage, cursor);
      if (!(result instanceof Promise)) {
        cursor = result.cursor;
        return result;
      }
      return result.then((next) => {
        cursor = next.cursor;
        return next;
      });
    };

    const answer = new Answer();
    do answer.rows((await settled(turn())).rows);
    while (cursor !== undefined);
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, turn),
      close: async () => settled(store.close()),
    };
  },
};
