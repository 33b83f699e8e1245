/** W1: messages inserted a hundred to a transaction, from empty to `size`. */

import { Answer } from "../answer";
import type { Driver } from "../driver";
import { channelCount, MessageMaker } from "../message";
import { milliseconds, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { batchSize, channelNames, loaded } from "./loaded";

export const insert: Workload = {
  id: "W1",
  title: "insert, per document, 100 a transaction",
  unit: "µs",
  scale: "documents",
  sizes: [10_000],
  quickSizes: [1_000],
  rounds: 5,

  async prepare(driver, { size }): Promise<Prepared> {
    const answer = await contents(driver, Math.min(size, 1_000));
    return {
      answer,
      async round() {
        const store = await settled(driver.open());
        const batches = batchesOf(size);
        const elapsed = await milliseconds(async () => {
          for (const batch of batches) {
            const result = store.insert(batch);
            if (result instanceof Promise) await result;
          }
        });
        await settled(store.close());
        return (elapsed * 1_000) / size;
      },
      close: async () => {},
    };
  },
};

/** Every stored message, read back by id and channel by channel. */
async function contents(driver: Driver, size: number): Promise<string> {
  const { store, ids, channels } = await loaded(driver, size);
  const answer = new Answer();
  for (const id of ids) answer.row(await settled(store.get(id)));
  for (const channel of channelNames(channels)) {
    answer.rows(await settled(store.latest(channel, 1_000)));
  }
  await settled(store.close());
  return answer.digest();
}

function batchesOf(size: number) {
  const maker = new MessageMaker(channelCount(size));
  return Array.from({ length: Math.ceil(size / batchSize) }, () => maker.take(batchSize));
}
