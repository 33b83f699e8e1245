/** W2: a message by its id, one call each; and W2b: a hundred of them inside one call. */

import { Answer } from "../answer";
import { microsecondsEach, settled } from "../repeat";
import { type Prepared, Unfit, type Workload } from "../workload";
import { loaded, wander } from "./loaded";

const perCall = 100;

export const get: Workload = {
  id: "W2",
  title: "get by id, one call each",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, ids } = await loaded(driver, size);
    const next = wander(ids);
    const answer = new Answer();
    for (let i = 0; i < 100; i++) answer.row(await settled(store.get(next())));
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, () => store.get(next())),
      close: async () => settled(store.close()),
    };
  },
};

export const getInside: Workload = {
  ...get,
  id: "W2b",
  title: "get by id, each of 100 inside one call",

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, ids } = await loaded(driver, size);
    const { getMany } = store;
    if (getMany === undefined) throw new Unfit("nothing to call many gets inside of");
    const next = wander(ids);
    const group = () => Array.from({ length: perCall }, next);
    const answer = new Answer().rows(await settled(getMany.call(store, group())));
    return {
      answer: answer.digest(),
      round: async () =>
        (await microsecondsEach(budgetMs, () => getMany.call(store, group()))) / perCall,
      close: async () => settled(store.close()),
    };
  },
};
