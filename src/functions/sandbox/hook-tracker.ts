/**
 * Tells inside from outside by V8's promise hooks: every promise made inside is marked, and the
 * globals are swapped in while a reaction of a marked promise runs. So the host is untouched even
 * while functions are suspended, rejections are known exactly, and nothing is left when none runs.
 */
import { carryIn, carryOut, noteHosts } from "./assigned";
import { hideBridge, isBridgeShown, showBridge, swapInBridge, swapOutBridge } from "./bridge";
import { Membership } from "./membership";
import type { PromiseHooks, Turns } from "./platform";
import { setRunning } from "./running";
import type { Scope } from "./scope";
import { survey, swapIn, swapOut } from "./swap";
import type { Tracker } from "./tracker";

/**
 * Promises the host may make in a turn of the event loop after the last function ended, before the
 * hooks go. Turning them on and off costs about 1 µs, leaving them on 40 ns a promise: so waiting
 * never costs much more than twice the better choice.
 */
const gracePromises = 32;

export class HookTracker implements Tracker {
  readonly mode = "hooks";
  readonly #hooks: PromiseHooks;
  readonly #turns: Turns;

  #stopHooks: (() => void) | undefined;
  #open = 0;
  #graceLeft = 0;
  #sweepDue = false;

  #current: Scope | undefined;
  /** Who was running before each reaction now on the stack: one, unless somebody drains by hand. */
  readonly #interrupted: (Scope | undefined)[] = [];
  /** The promise whose reaction is running, and whether that did anything with promises. */
  #reacting: object | undefined;
  #reactionBusy = false;

  /** The promise that settled last while nobody listened; the ones before are their scopes'. */
  #unheard: object | undefined;
  #suspected = new Set<Scope>();
  /** The promise made last inside, if somebody seems to listen to its parent through it. */
  #listener: object | undefined;
  #heard: object | undefined;
  #listening = false;

  constructor(hooks: PromiseHooks, turns: Turns) {
    this.#hooks = hooks;
    this.#turns = turns;
  }

  start<T>(scope: Scope, handler: () => T): T {
    this.#open += 1;
    if (this.#stopHooks === undefined) this.#engage();
    const caller = this.#current;
    if (caller === undefined) survey();
    this.#pass(scope);
    try {
      const result = handler();
      if (isObject(result)) this.#hear(result);
      return result;
    } finally {
      this.#pass(caller);
    }
  }

  ended(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#graceLeft = gracePromises;
    this.#sweepSoon();
  }

  reenter<T>(scope: Scope, callback: () => T): T {
    return this.#stopHooks === undefined ? callback() : this.#runAs(scope, callback);
  }

  outside<T>(body: () => T): T {
    return this.#current === undefined ? body() : this.#runAs(undefined, body);
  }

  judgeRejections(scope: Scope): Promise<void> | undefined {
    if (scope.suspects === undefined) return undefined;
    // Thousands of functions may end before the turn does: none of them is kept alive until then.
    this.#suspected.delete(scope);
    const suspects = takeSuspects(scope);
    return suspects.length === 0 ? undefined : this.#judge(scope, suspects);
  }

  rest(): void {
    if (this.#current !== undefined || this.#interrupted.length > 0) return;
    if (isBridgeShown()) hideBridge();
    if (this.#open > 0) return;
    this.#stopHooks?.();
    this.#stopHooks = undefined;
  }

  #engage(): void {
    this.#stopHooks = this.#hooks.createHook({
      init: (promise, parent) => this.#made(promise, parent),
      before: (promise) => this.#reactionBegins(promise),
      after: () => this.#reactionEnds(),
      settled: (promise) => this.#settled(promise),
    });
  }

  #made(promise: object, parent: object | undefined): void {
    this.#reactionBusy = true;
    const isHeard = parent !== undefined && this.#hear(parent);
    if (this.#current === undefined) {
      if (this.#open === 0) this.#linger();
      return;
    }
    new Membership(promise, this.#current);
    this.#listener = isHeard ? promise : undefined;
    this.#heard = parent;
  }

  #reactionBegins(promise: object): void {
    const scope = Membership.scopeOf(promise);
    const interrupted = this.#current;
    if (scope === undefined && interrupted === undefined && this.#interrupted.length === 0) return;
    this.#interrupted.push(interrupted);
    this.#reacting = promise;
    this.#reactionBusy = false;
    this.#listener = undefined;
    this.#pass(scope);
  }

  #reactionEnds(): void {
    if (this.#interrupted.length === 0) return;
    this.#reacting = undefined;
    this.#pass(this.#interrupted.pop());
  }

  /**
   * Remembers promises that settle before anyone listens. `await` makes a promise of its own each
   * time, which nobody can reject: it settles at the end of a reaction that resumed a function,
   * which made or settled other promises meanwhile.
   */
  #settled(promise: object): void {
    if (promise !== this.#reacting) this.#reactionBusy = true;
    else if (this.#reactionBusy) return;
    if (promise === this.#listener) this.#unhear();
    const scope = Membership.unhandledScopeOf(promise);
    if (scope === undefined) return;
    if (scope !== this.#current) {
      this.#suspect(scope, promise);
      return;
    }
    if (this.#unheard !== undefined) this.#suspect(scope, this.#unheard);
    this.#unheard = promise;
  }

  /** Somebody listens to `promise`. @returns whether that is news. */
  #hear(promise: object): boolean {
    if (promise === this.#unheard) {
      this.#unheard = undefined;
      return false;
    }
    if (this.#listening || Membership.unhandledScopeOf(promise) === undefined) return false;
    Membership.setHandled(promise, true);
    return true;
  }

  /**
   * What seemed to listen settled as soon as it was made: so it is what `await` wraps around a plain
   * value, and its parent not a promise listened to but the one the awaiting function returns.
   */
  #unhear(): void {
    Membership.setHandled(this.#heard!, false);
    this.#listener = undefined;
  }

  #runAs<T>(scope: Scope | undefined, body: () => T): T {
    const caller = this.#current;
    this.#pass(scope);
    try {
      return body();
    } finally {
      this.#pass(caller);
    }
  }

  /** The one place where control passes between the host and functions. */
  #pass(to: Scope | undefined): void {
    const from = this.#current;
    if (from === to) return;
    if (from !== undefined) {
      swapOutBridge();
      from.assigned = carryOut(from.execution);
      swapOut(from.execution);
      if (this.#unheard !== undefined) this.#suspect(from, this.#unheard);
      this.#unheard = undefined;
    }
    this.#current = to;
    setRunning(to);
    if (to === undefined) return;
    if (from === undefined) noteHosts();
    if (!isBridgeShown()) {
      showBridge();
      this.#sweepSoon();
    }
    swapIn(to.execution);
    swapInBridge();
    if (to.assigned !== undefined) carryIn(to.assigned);
  }

  #suspect(scope: Scope, promise: object): void {
    if (scope.suspects === undefined) {
      scope.suspects = [];
      this.#suspected.add(scope);
    }
    scope.suspects.push(promise as Promise<unknown>);
    this.#sweepSoon();
  }

  #sweepSoon(): void {
    if (this.#sweepDue) return;
    this.#sweepDue = true;
    this.#turns.afterMicrotasks(() => {
      this.#sweepDue = false;
      this.#sweep();
    });
  }

  /** The turn is over: who is still unhandled fails its function, and what is not in use goes. */
  #sweep(): void {
    const scopes = this.#suspected;
    this.#suspected = new Set();
    for (const scope of scopes) {
      for (const promise of takeSuspects(scope)) {
        this.#listen(promise, (reason) => scope.kill(reason));
      }
    }
    this.rest();
  }

  #linger(): void {
    this.#graceLeft -= 1;
    if (this.#graceLeft === 0) this.#turns.microtask(() => this.rest());
  }

  async #judge(scope: Scope, suspects: Promise<unknown>[]): Promise<void> {
    const rejections: { promise: object; reason: unknown }[] = [];
    for (const promise of suspects) {
      this.#listen(promise, (reason) => rejections.push({ promise, reason }));
    }
    await undefined;
    if (rejections.length === 0) return;
    await new Promise<void>((resolve) => this.#turns.afterMicrotasks(resolve));
    const unhandled = rejections.find(({ promise }) => !Membership.isHandled(promise));
    if (unhandled !== undefined) scope.kill(unhandled.reason);
  }

  /** From now on Node has nothing to report, but the function has still not handled `promise`. */
  #listen(promise: Promise<unknown>, onRejected: (reason: unknown) => void): void {
    this.#listening = true;
    nativeThen.call(promise, undefined, onRejected);
    this.#listening = false;
  }
}

const { then: nativeThen } = Promise.prototype;

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function takeSuspects(scope: Scope): Promise<unknown>[] {
  const suspects = scope.suspects ?? [];
  scope.suspects = undefined;
  return suspects.filter((promise) => !Membership.isHandled(promise));
}
