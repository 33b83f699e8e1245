/** W12: an independent copy of a whole database. Almost nobody has it. */

import { Answer } from "../answer";
import { general } from "../message";
import { microsecondsEach, settled } from "../repeat";
import { type Prepared, Unfit, type Workload } from "../workload";
import { loaded } from "./loaded";

export const fork: Workload = {
  id: "W12",
  title: "fork of a whole database",
  unit: "µs",
  scale: "documents",
  sizes: [100_000],
  quickSizes: [1_000],
  rounds: 5,

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, maker } = await loaded(driver, size);
    if (store.fork === undefined) throw new Unfit("cannot fork");
    const copy = await settled(store.fork());
    await settled(copy.insert([maker.next(general)]));
    const answer = new Answer()
      .rows(await settled(copy.latest(general, 5)))
      .rows(await settled(store.latest(general, 5)));
    await settled(copy.close());
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, () => store.fork?.()),
      close: async () => settled(store.close()),
    };
  },
};
