/** Web Locks, which Node 20 has none of: exclusive ones, in the order they were asked for. */
import type { LocksLike } from "invex/indexeddb";

type Options = Parameters<LocksLike["request"]>[1];

interface Holder {
  readonly lose: () => void;
}

export class FakeLocks implements LocksLike {
  readonly #holders = new Map<string, Holder>();
  readonly #queues = new Map<string, (() => void)[]>();

  async request(name: string, options: Options, callback: (lock: unknown) => unknown) {
    await undefined;
    if (this.#holders.has(name)) {
      if (options.ifAvailable === true) return callback(null);
      await this.#turn(name, options.signal);
    }
    let lose = () => {};
    const lost = new Promise<never>((_, reject) => {
      lose = () => reject(new DOMException("The lock was stolen.", "AbortError"));
    });
    const holder = { lose };
    this.#holders.set(name, holder);
    try {
      return await Promise.race([callback({ name }), lost]);
    } finally {
      this.#release(name, holder);
    }
  }

  /** Takes the lock from whoever has it; nobody has it then. */
  steal(name: string): void {
    const holder = this.#holders.get(name);
    if (holder === undefined) throw new Error(`nobody has ${name}`);
    this.#release(name, holder);
    holder.lose();
  }

  #turn(name: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queues.set(name, [...this.#queue(name), resolve]);
      signal?.addEventListener("abort", () => {
        const left = this.#queue(name).filter((each) => each !== resolve);
        this.#queues.set(name, left);
        reject(signal.reason);
      });
    });
  }

  #queue(name: string) {
    return this.#queues.get(name) ?? [];
  }

  #release(name: string, holder: Holder): void {
    if (this.#holders.get(name) !== holder) return;
    this.#holders.delete(name);
    this.#queue(name).shift()?.();
  }
}
