/** The starting point of most workloads: a store with `size` messages, and who is in it. */

import type { Driver, MessageId, Store } from "../driver";
import { channelCount, channelName, MessageMaker, seededRandom } from "../message";
import { settled } from "../repeat";

/** Messages per inserting transaction, everywhere. */
export const batchSize = 100;

export interface Loaded {
  readonly store: Store;
  /** In the order of insertion. */
  readonly ids: readonly MessageId[];
  readonly channels: number;
  /** Makes messages newer than all stored ones. */
  readonly maker: MessageMaker;
}

export async function loaded(driver: Driver, size: number): Promise<Loaded> {
  const store = await settled(driver.open());
  const channels = channelCount(size);
  const maker = new MessageMaker(channels);
  const ids = await insertAll(store, maker, size);
  return { store, ids, channels, maker };
}

export async function insertAll(
  store: Store,
  maker: MessageMaker,
  count: number,
): Promise<MessageId[]> {
  const ids: MessageId[] = [];
  while (ids.length < count) {
    const batch = maker.take(Math.min(batchSize, count - ids.length));
    for (const id of await settled(store.insert(batch))) ids.push(id);
  }
  return ids;
}

/** An endless walk over `items` in an order without pattern, the same for every driver. */
export function wander<T>(items: readonly T[], seed = 7): () => T {
  const random = seededRandom(seed);
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  let next = 0;
  return () => order[next++ % order.length] as T;
}

export function channelNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => channelName(index));
}
