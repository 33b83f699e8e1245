/**
 * A clock reached from outside: while a function runs, a sandbox may have put its own `Date` and
 * timers where the host's are, and a clock that looks them up at each call would find those.
 */
import type { Clock } from "./clock";

/** Runs `body` with the host's globals in place and returns its result. */
export type Outside = <T>(body: () => T) => T;

/** `clock`, every call of it made through `outside`. A clock moved by hand needs none and stays itself. */
export function outsideClock(clock: Clock, outside: Outside): Clock {
  if ("advanceTo" in clock) return clock;
  const fork =
    clock.fork &&
    (() =>
      outsideClock(
        outside(() => clock.fork?.() ?? clock),
        outside,
      ));
  return {
    ...(fork && { fork }),
    now: () => outside(() => clock.now()),
    schedule: (atMs, wake) => {
      const cancel = outside(() => clock.schedule(atMs, wake));
      return () => outside(cancel);
    },
  };
}
