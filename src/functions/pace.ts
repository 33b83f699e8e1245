/**
 * Who decides when functions go on: a port of simulations, absent otherwise. Each database operation
 * runs in its turn as ever; what is put off is that the function hears of the result.
 */
import type { CallExecution } from "./call-execution";
import type { FunctionTarget } from "./function-target";

export interface Pace {
  /** Resolves when `target`, as part of `execution`, may go on; `undefined`: at once. */
  pause(execution: CallExecution, target: FunctionTarget): Promise<void> | undefined;
}
