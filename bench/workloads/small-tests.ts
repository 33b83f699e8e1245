/** W11: a hundred small tests: each opens a fresh database, writes a little, reads it back. */

import { Answer } from "../answer";
import type { Driver } from "../driver";
import { general, type Message, MessageMaker } from "../message";
import { milliseconds, settled } from "../repeat";
import type { Prepared, Workload } from "../workload";

export const smallTests: Workload = {
  id: "W11",
  title: "100 small tests: open, insert 3, like, read, close",
  unit: "ms",
  scale: "fixed",
  sizes: [1],
  quickSizes: [1],
  rounds: 5,

  async prepare(driver): Promise<Prepared> {
    const maker = new MessageMaker(2);
    const messages = [maker.next(general), maker.next(general), maker.next(general)];
    const { likes, rows } = await smallTest(driver, messages);
    return {
      answer: new Answer().value(likes).rows(rows).digest(),
      round: () =>
        milliseconds(async () => {
          for (let i = 0; i < 100; i++) await smallTest(driver, messages);
        }),
      close: async () => {},
    };
  },
};

async function smallTest(driver: Driver, messages: readonly Message[]) {
  const store = await settled(driver.open());
  const copies = messages.map((message) => ({ ...message, tags: [...message.tags] }));
  const [id] = await settled(store.insert(copies));
  if (id === undefined) throw new Error("nothing was inserted");
  const likes = await settled(store.like(id));
  const rows = [...(await settled(store.latest(general, 10)))];
  await settled(store.close());
  return { likes, rows };
}
