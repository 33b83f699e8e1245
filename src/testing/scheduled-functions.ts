/** Waits for scheduled functions while a test moves its fake timers. */
import { sandbox } from "../functions/sandbox/sandbox";
import type { Scheduler } from "../scheduler/scheduler";
import type { Clock } from "../shared/clock";
import { nextTurn, timersInForce } from "../shared/clock-turns";
import { userError } from "../shared/errors";

/** A job that real time has not brought up by then will not run in this test. */
const MAX_IDLE_TURNS = 20;

export interface ScheduledFunctions {
  readonly scheduler: Pick<Scheduler, "idle" | "isRunning" | "nextDue">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Moves time with `advanceTimers` and waits, until no scheduled function is left, or only those that
 * real time must bring.
 * @throws InvexError `SchedulerInvalid` after `maxIterations`, or when timers change under way
 */
export async function finishAll(
  { scheduler, clock }: ScheduledFunctions,
  advanceTimers: () => void,
  maxIterations: number,
): Promise<void> {
  const timers = sandbox.outside(timersInForce);
  const advance = () => {
    if (sandbox.outside(timersInForce) !== timers) throw timersReplaced();
    // Reading the clock moves what waits on other timers over to those in force.
    clock.now();
    advanceTimers();
  };
  let idleTurns = 0;
  for (let i = 0; i < maxIterations; i++) {
    advance();
    if (scheduler.isRunning) {
      idleTurns = 0;
      await pump(scheduler, advance);
    } else {
      if (scheduler.nextDue === undefined || idleTurns >= MAX_IDLE_TURNS) return;
      idleTurns += 1;
      await nextTurn();
    }
  }
  throw tooMany(maxIterations);
}

/** Functions that run may wait for timers themselves. */
async function pump(scheduler: ScheduledFunctions["scheduler"], advance: () => void) {
  let isIdle = false;
  const idle = scheduler.idle().then(() => {
    isIdle = true;
  });
  for (;;) {
    await Promise.race([idle, nextTurn()]);
    if (isIdle) return;
    advance();
  }
}

function tooMany(maxIterations: number): Error {
  return userError(
    "SchedulerInvalid",
    `finishAllScheduledFunctions: too many iterations (${maxIterations}). Functions schedule each other without end, or maxIterations must be higher.`,
  );
}

function timersReplaced(): Error {
  return userError(
    "SchedulerInvalid",
    "finishAllScheduledFunctions: timers were restored or replaced while waiting for scheduled functions. Await it before vi.useRealTimers().",
  );
}
