/** Where functions of a simulation wait until it is their turn to go on. */
import type { CallExecution } from "../../functions/call-execution";
import type { FunctionTarget } from "../../functions/function-target";
import type { Pace } from "../../functions/pace";

/** One function that waits. */
export interface Gate {
  readonly execution: CallExecution;
  readonly target: FunctionTarget;
  open(): void;
}

export class Gates implements Pace {
  /** In the order they were reached. */
  readonly #waiting: Gate[] = [];
  /** Whether nobody is stopped: while nothing is simulated. */
  isOpen = true;

  get waiting(): readonly Gate[] {
    return this.#waiting;
  }

  pause(execution: CallExecution, target: FunctionTarget): Promise<void> | undefined {
    if (this.isOpen) return undefined;
    return new Promise((resolve) => {
      const gate: Gate = {
        execution,
        target,
        open: () => {
          this.#waiting.splice(this.#waiting.indexOf(gate), 1);
          resolve();
        },
      };
      this.#waiting.push(gate);
    });
  }

  /** Lets everybody pass while `body` runs: nothing that is simulated may be on its way to a gate. */
  async whileOpen<T>(body: () => T | Promise<T>): Promise<T> {
    this.isOpen = true;
    try {
      return await body();
    } finally {
      this.isOpen = false;
    }
  }
}
