/**
 * `ctx.scheduler`, as authors see it. Types only: jobs live in `src/scheduler`.
 */

import type { GenericId } from "../values/value";
import type { FunctionReference, OptionalRestArgs, ReferenceTo } from "./function-reference";

/** A reference to something that can be scheduled: queries cannot. */
export type SchedulableFunctionReference = FunctionReference<
  "mutation" | "action",
  "public" | "internal"
>;

/** {@link SchedulableFunctionReference} in either form. */
export type SchedulableReference = ReferenceTo<"mutation" | "action", "public" | "internal">;

/**
 * Runs functions later. From a mutation, scheduling is part of the transaction; from an action it
 * takes effect at once. Jobs run without the caller's identity.
 */
export interface Scheduler {
  /**
   * Runs a function after `delayMs` milliseconds; 0 means right after commit.
   * @throws unless `delayMs` is finite and non-negative, and the function exists.
   */
  runAfter<FuncRef extends SchedulableReference>(
    delayMs: number,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): Promise<GenericId<"_scheduled_functions">>;

  /**
   * Runs a function at a time: a `Date`, or milliseconds since the Unix epoch. Past times run at once.
   * @throws if the time is over five years away, or the function does not exist.
   */
  runAt<FuncRef extends SchedulableReference>(
    timestamp: number | Date,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): Promise<GenericId<"_scheduled_functions">>;

  /** Stops a job that has not finished. Does nothing to one that has. */
  cancel(id: GenericId<"_scheduled_functions">): Promise<void>;
}
