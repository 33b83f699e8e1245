/**
 * The document every driver stores, and the seeded generator of as many as a workload asks for.
 * `createdAt` is unique and rising, so it names a message whatever ids a driver hands out.
 */

export interface Message {
  channelId: string;
  authorId: string;
  /** About 100 characters. */
  body: string;
  likes: number;
  /** Three of them. */
  tags: string[];
  createdAt: number;
}

/** The first `createdAt`; each further message adds one millisecond. */
export const epoch = 1_700_000_000_000;

/** The channel that holds a tenth of all messages, for paging. */
export const general = channelName(0);

/** Likes run from 0 up to, not including, this; they are spread evenly. */
export const likesBelow = 1_000;

export function channelName(index: number): string {
  return `channel-${String(index).padStart(6, "0")}`;
}

/**
 * How many channels `count` messages spread over: about a hundred messages in each, so that "the
 * latest 50" means 50 at every size, and at most 1,000 channels.
 */
export function channelCount(count: number): number {
  return Math.max(2, Math.min(1_000, Math.floor(count / 100)));
}

/** A small fast generator of floats in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const words = (
  "the quick brown fox jumps over a lazy dog while seven clever engineers ship reactive " +
  "transactions without losing any subscription or sleep"
).split(" ");

/** Makes messages one after another. Two makers with the same arguments make the same messages. */
export class MessageMaker {
  readonly #random: () => number;
  readonly #channels: number;
  #made = 0;

  constructor(channels: number, seed = 1) {
    this.#random = seededRandom(seed);
    this.#channels = channels;
  }

  /** The next message; with `channelId` it goes there. */
  next(channelId?: string): Message {
    return {
      channelId: channelId ?? this.#pickChannel(),
      authorId: `user-${this.#below(5_000)}`,
      body: this.#body(),
      likes: this.#below(likesBelow),
      tags: [this.#word(), this.#word(), this.#word()],
      createdAt: epoch + this.#made++,
    };
  }

  /** The next `count` messages. */
  take(count: number): Message[] {
    return Array.from({ length: count }, () => this.next());
  }

  #pickChannel(): string {
    if (this.#random() < 0.1) return general;
    return channelName(1 + this.#below(this.#channels - 1));
  }

  #body(): string {
    let text = `${this.#made}`;
    while (text.length < 95) text += ` ${this.#word()}`;
    return text;
  }

  #word(): string {
    return words[this.#below(words.length)] as string;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
