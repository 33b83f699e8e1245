/** W10: every message read and one in a hundred kept, per message read. */

import { Answer } from "../answer";
import { likesBelow } from "../message";
import { microsecondsEach, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { loaded } from "./loaded";

const threshold = likesBelow - 10;

export const scan: Workload = {
  id: "W10",
  title: "full scan with a filter, per document",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store } = await loaded(driver, size);
    const found = [...(await settled(store.scan(threshold)))];
    found.sort((left, right) => left.createdAt - right.createdAt);
    return {
      answer: new Answer().rows(found).digest(),
      round: async () => (await microsecondsEach(budgetMs, () => store.scan(threshold))) / size,
      close: async () => settled(store.close()),
    };
  },
};
