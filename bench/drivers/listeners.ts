/** What a floor has for live queries: a Map from a channel to its listeners, called at once. */

import type { Message } from "../message";

type Listener = (rows: readonly Message[]) => void;

interface Source {
  latest(channelId: string, limit: number): readonly Message[];
}

export class Listeners {
  readonly #source: Source;
  readonly #byChannel = new Map<string, Set<() => void>>();

  constructor(source: Source) {
    this.#source = source;
  }

  add(channelId: string, limit: number, listener: Listener): () => void {
    const tell = () => listener(this.#source.latest(channelId, limit));
    const listeners = this.#byChannel.get(channelId) ?? new Set();
    this.#byChannel.set(channelId, listeners.add(tell));
    tell();
    return () => listeners.delete(tell);
  }

  changed(channelId: string): void {
    const listeners = this.#byChannel.get(channelId);
    if (listeners === undefined) return;
    for (const tell of listeners) tell();
  }
}
