/**
 * Which scope a promise belongs to, written on the promise itself in private fields: nobody else
 * can see it, it costs no map, and it dies with the promise.
 */
import type { Scope } from "./scope";

/** Makes `this` of a subclass's constructor an object that exists already. */
class Existing {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the point of the class
    return target;
  }
}

export class Membership extends Existing {
  readonly #scope: Scope;
  #handled = false;

  /** Marks `promise`, once in its life. */
  constructor(promise: object, scope: Scope) {
    super(promise);
    this.#scope = scope;
  }

  /** The scope whose code made `promise`, or `undefined` if it is the host's. */
  static scopeOf(promise: object): Scope | undefined {
    return #scope in promise ? promise.#scope : undefined;
  }

  /** The same, unless somebody listens to `promise`. */
  static unhandledScopeOf(promise: object): Scope | undefined {
    return #scope in promise && !promise.#handled ? promise.#scope : undefined;
  }

  /** Somebody listens to `promise`, or after all nobody does. Nothing happens to the host's. */
  static setHandled(promise: object, handled: boolean): void {
    if (#scope in promise) promise.#handled = handled;
  }

  static isHandled(promise: object): boolean {
    return #scope in promise && promise.#handled;
  }
}
