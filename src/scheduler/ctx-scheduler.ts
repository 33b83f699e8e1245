/**
 * `ctx.scheduler`: checks what a function asks for in Convex's order and words (functions.md 5.1,
 * 5.4) and hands it to the job store. Where it runs, in a mutation's transaction or in one of its
 * own, is the port's doing.
 */
import { type FunctionAddress, getFunctionAddress } from "../server/function-address";
import { textOf } from "../shared/text-of";
import type { Value } from "../values/value";
import { cancel, schedule } from "./job-store";
import type { FunctionTarget, JobReference, SystemTransaction } from "./ports";
import { timeAfter, timeAt } from "./scheduled-time";

/** The running function, as far as scheduling goes. */
export interface SchedulingFunction {
  readonly component: string;
  /** The job it runs for, directly or as a nested call. */
  readonly job: JobReference | undefined;
  /**
   * Whether that job is a mutation, and so this transaction its own. False in every mutation that an
   * action calls, whatever the action runs as.
   */
  readonly isJobsOwnTransaction: boolean;
  /** What `Date.now()` says there. */
  now(): number;
  /**
   * The function an address leads to.
   * @throws InvexError with Convex's text for scheduling what does not exist
   */
  resolve(address: FunctionAddress): FunctionTarget | Promise<FunctionTarget>;
  /** A canonical copy of the arguments. @throws InvexError for what is no object of Convex values */
  parseArgs(args: unknown): Value;
  /** Counts one scheduled function against the limits. @throws InvexError when one is exceeded */
  charge(args: Value): void;
  /** Runs `body` in the function's transaction, in order with its other operations, or in a new one. */
  transact<T>(body: (tx: SystemTransaction) => T): Promise<T>;
  /** A line in the function's log. */
  warn(text: string): void;
}

/** The members of `ctx.scheduler`, untyped as the engine is: types are `server/scheduler.ts`. */
export interface CtxScheduler {
  runAfter(delayMs: unknown, reference: unknown, args?: unknown): Promise<string>;
  runAt(when: unknown, reference: unknown, args?: unknown): Promise<string>;
  cancel(id: unknown): Promise<void>;
}

export function createCtxScheduler(running: SchedulingFunction): CtxScheduler {
  return {
    runAfter: async (delayMs, reference, args) =>
      request(running, timeAfter(delayMs, running.now()), reference, args),
    runAt: async (when, reference, args) => request(running, timeAt(when), reference, args),
    cancel: (id) => cancelJob(running, id),
  };
}

async function request(
  running: SchedulingFunction,
  scheduledTime: number,
  reference: unknown,
  given: unknown,
): Promise<string> {
  const args = running.parseArgs(given);
  const address = getFunctionAddress(reference);
  const found = running.resolve(address);
  // Without an await where none is needed, calls keep their order among the other operations.
  const target = found instanceof Promise ? await found : found;
  return running.transact((tx) => {
    running.charge(args);
    const { component, job: parent } = running;
    return schedule(tx, { component, target, args, scheduledTime, nowMs: running.now(), parent });
  });
}

async function cancelJob(running: SchedulingFunction, id: unknown): Promise<void> {
  const job = { component: running.component, id: idOf(id) };
  const own = running.isJobsOwnTransaction ? running.job : undefined;
  const result = await running.transact((tx) => cancel(tx, job, running.now(), own));
  if (result !== "itself") return;
  running.warn(
    "A scheduled mutation canceling itself is deprecated and will throw an error in a future version of Convex.",
  );
}

/** What is no string is a malformed id, and gets the same answer. */
function idOf(id: unknown): string {
  if (id === undefined) throw new TypeError("Must provide arg 1 `id` to `cancel`");
  return typeof id === "string" ? id : textOf(id);
}
