/**
 * For platforms with no way to tell a function's code from the host's: functions run in the host's
 * world, with its clock, its randomness and its console. Said once, in the log.
 */
import { PlainText } from "./plain-text";
import type { Scope } from "./scope";
import type { Tracker } from "./tracker";

const warning =
  "Determinism is off: this platform has neither promise hooks nor AsyncLocalStorage, so functions run with the host's clock, randomness, timers, console and environment.";

export class NoTracker implements Tracker {
  readonly mode = "off";
  #warned = false;

  start<T>(scope: Scope, handler: () => T): T {
    if (!this.#warned) scope.execution.log("WARN", [new PlainText(warning)]);
    this.#warned = true;
    return handler();
  }

  ended(): void {}

  reenter<T>(_scope: Scope, callback: () => T): T {
    return callback();
  }

  outside<T>(body: () => T): T {
    return body();
  }

  judgeRejections(): undefined {}

  rest(): void {}
}
