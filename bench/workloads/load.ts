/** W8: from JSON lines in memory to the first answer of a fresh database. */

import { Answer } from "../answer";
import type { Driver, Store } from "../driver";
import { channelCount, general, type Message, MessageMaker } from "../message";
import { milliseconds, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";

/** Messages per inserting transaction: loading uses larger ones than daily work. */
const loadBatch = 1_000;

export const load: Workload = {
  id: "W8",
  title: "load from JSON lines to the first answer",
  unit: "ms",
  scale: "documents",
  sizes: [100_000],
  quickSizes: [1_000],
  rounds: 3,

  async prepare(driver, { size }): Promise<Prepared> {
    const text = jsonLines(size);
    const { store, rows } = await firstAnswer(driver, jsonLines(1_000));
    const answer = new Answer().rows(rows).digest();
    await settled(store.close());
    return {
      answer,
      async round() {
        let opened: Store | undefined;
        const elapsed = await milliseconds(async () => {
          opened = (await firstAnswer(driver, text)).store;
        });
        if (opened !== undefined) await settled(opened.close());
        return elapsed;
      },
      close: async () => {},
    };
  },
};

async function firstAnswer(driver: Driver, text: string) {
  const store = await settled(driver.open());
  let batch: Message[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    batch.push(JSON.parse(text.slice(start, end)) as Message);
    start = end + 1;
    if (batch.length < loadBatch && start < text.length) continue;
    await settled(store.insert(batch));
    batch = [];
  }
  return { store, rows: await settled(store.latest(general, 50)) };
}

function jsonLines(count: number): string {
  const maker = new MessageMaker(channelCount(count));
  return Array.from({ length: count }, () => `${JSON.stringify(maker.next())}\n`).join("");
}
