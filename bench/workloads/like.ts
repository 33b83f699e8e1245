/** W4: read one message and write it back with one like more, in a transaction. */

import { Answer } from "../answer";
import { microsecondsEach, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { loaded, wander } from "./loaded";

export const like: Workload = {
  id: "W4",
  title: "read-modify-write transaction",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, ids } = await loaded(driver, size);
    const next = wander(ids);
    const answer = new Answer();
    for (let i = 0; i < 50; i++) {
      const id = next();
      answer.value(await settled(store.like(id))).row(await settled(store.get(id)));
    }
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, () => store.like(next())),
      close: async () => settled(store.close()),
    };
  },
};
