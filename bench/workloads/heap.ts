/** W7: heap bytes that a stored message takes, with one secondary index, after collecting garbage. */

import { Answer } from "../answer";
import type { Store } from "../driver";
import { channelCount, general, type Message, MessageMaker } from "../message";
import { settled } from "../repeat";
import type { Prepared, Workload } from "../workload";
import { batchSize } from "./loaded";

export const heap: Workload = {
  id: "W7",
  title: "heap bytes a document, with one secondary index",
  unit: "bytes",
  scale: "documents",
  sizes: [100_000],
  quickSizes: [1_000],
  rounds: 1,

  async prepare(driver, { size }): Promise<Prepared> {
    // A first, small store takes what a library allocates once and keeps for good.
    const trial = await settled(driver.open());
    await fill(trial, 200);
    const answer = new Answer().rows(await settled(trial.latest(general, 50))).digest();
    await settled(trial.close());
    return {
      answer,
      async round() {
        const before = await heapBytes();
        const store = await settled(driver.open());
        await fill(store, size);
        const bytes = (await heapBytes()) - before + (store.nativeBytes?.() ?? 0);
        await settled(store.close());
        return bytes / size;
      },
      close: async () => {},
    };
  },
};

/** Messages come through JSON, so that no two share a string with each other or with the maker. */
async function fill(store: Store, count: number): Promise<void> {
  const maker = new MessageMaker(channelCount(count));
  for (let done = 0; done < count; done += batchSize) {
    const text = JSON.stringify(maker.take(Math.min(batchSize, count - done)));
    await settled(store.insert(JSON.parse(text) as Message[]));
  }
}

async function heapBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("W7 needs node --expose-gc");
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
