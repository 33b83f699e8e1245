/** W3: the newest 50 of a channel by index, worked out anew; W6: the same again, nothing changed. */

import { Answer } from "../answer";
import { microsecondsEach, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { channelNames, loaded, wander } from "./loaded";

const limit = 50;

export const latest: Workload = {
  id: "W3",
  title: "latest 50 of a channel by index, uncached",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, channels } = await loaded(driver, size);
    const next = wander(channelNames(channels));
    const answer = new Answer();
    for (let i = 0; i < 20; i++) answer.rows(await settled(store.latest(next(), limit)));
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, () => store.latest(next(), limit)),
      close: async () => settled(store.close()),
    };
  },
};

export const latestAgain: Workload = {
  ...latest,
  id: "W6",
  title: "the same 50 again, nothing changed",

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const { store, channels } = await loaded(driver, size);
    const channel = channelNames(channels)[1] as string;
    const again = () =>
      store.latestAgain === undefined
        ? store.latest(channel, limit)
        : store.latestAgain(channel, limit);
    const answer = new Answer().rows(await settled(again())).rows(await settled(again()));
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, again),
      close: async () => settled(store.close()),
    };
  },
};
