/**
 * W5: S live queries on S channels; one insert into one of them, until its listener has the new
 * message. Every channel holds the same few messages and every query asks for as many, so the work
 * that the change itself needs is the same at every S.
 */

import { Answer } from "../answer";
import type { Store } from "../driver";
import { channelName, type Message, MessageMaker } from "../message";
import { microsecondsEach, settled } from "../repeat";
import { type Prepared, Unfit, type Workload } from "../workload";
import { batchSize, wander } from "./loaded";

const perChannel = 5;

/** Small numbers of subscriptions live among at least so many documents. */
const documentsAtLeast = 10_000;

export const live: Workload = {
  id: "W5",
  title: "insert until its live query was told, of S",
  unit: "µs",
  scale: "subscriptions",
  sizes: [100, 1_000, 10_000],
  quickSizes: [100, 1_000],
  rounds: 5,

  async prepare(driver, { size, budgetMs }): Promise<Prepared> {
    const store = await settled(driver.open());
    const maker = new MessageMaker(2);
    const channels = Math.max(size, documentsAtLeast / perChannel);
    await fill(store, maker, channels);

    const inbox = new Inbox();
    for (let i = 0; i < size; i++) await inbox.watch(store, channelName(i));

    const next = wander(Array.from({ length: size }, (_, index) => channelName(index)));
    const sample = maker.next();
    let { createdAt } = sample;
    const insertOne = () => {
      createdAt += 1;
      const message = { ...sample, channelId: next(), tags: [...sample.tags], createdAt };
      return inbox.tellsOf(message, store);
    };

    const answer = new Answer();
    for (let i = 0; i < 20; i++) {
      await settled(insertOne());
      answer.rows(inbox.last);
    }
    return {
      answer: answer.digest(),
      round: () => microsecondsEach(budgetMs, insertOne),
      async close() {
        await inbox.close();
        await settled(store.close());
      },
    };
  },
};

async function fill(store: Store, maker: MessageMaker, channels: number): Promise<void> {
  for (let round = 0; round < perChannel; round++) {
    for (let first = 0; first < channels; first += batchSize) {
      const length = Math.min(batchSize, channels - first);
      await settled(
        store.insert(Array.from({ length }, (_, i) => maker.next(channelName(first + i)))),
      );
    }
  }
}

/** All listeners of one store, and whoever waits for one of them. */
class Inbox {
  /** What the awaited listener was called with. */
  last: readonly Message[] = [];
  readonly #stops: (() => void)[] = [];
  #awaited = 0;
  #wake: (() => void) | undefined;

  async watch(store: Store, channelId: string): Promise<void> {
    const { watch } = store;
    if (watch === undefined) throw new Unfit("no live queries");
    let first: (() => void) | undefined;
    const started = new Promise<void>((resolve) => {
      first = resolve;
    });
    const stop = watch.call(store, channelId, perChannel, (rows) => {
      first?.();
      first = undefined;
      this.#receive(rows);
    });
    this.#stops.push(await settled(stop));
    await started;
  }

  /** Inserts `message` and returns when, or a promise of when, a listener has got it as newest. */
  tellsOf(message: Message, store: Store): Promise<void> | undefined {
    this.#awaited = message.createdAt;
    const inserted = store.insert([message]);
    if (inserted instanceof Promise) return this.#after(inserted);
    return this.#awaited === 0 ? undefined : this.#arrival();
  }

  async #after(inserted: Promise<unknown>): Promise<void> {
    await inserted;
    if (this.#awaited !== 0) await this.#arrival();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #receive(rows: readonly Message[]): void {
    if (this.#awaited === 0 || rows[0]?.createdAt !== this.#awaited) return;
    this.#awaited = 0;
    this.last = rows;
    this.#wake?.();
    this.#wake = undefined;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
  }
}
