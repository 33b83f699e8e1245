/**
 * Where `convexTest` is not the engine as it is. Suites written for convex-test plainly depend on
 * some habits of that mock; these are granted, each for its reason, and `createBackend` grants none:
 *
 * 1. Errors arrive as they were thrown: the same object, class and message, also through nested
 *    calls. Suites match them with `toThrow("text")` and `instanceof`. (`thrown-error.ts`)
 * 2. The engine's own errors end with what convex-test would have said, so that either text matches;
 *    nothing of the engine's is left out. (`mock-wording.ts`)
 * 3. Without a `schema` there is none, whatever the modules hold: suites pass none to skip it.
 *    `crons` and `convex.config` are not read either; crons run from
 *    the first `t.advance` on and only while time is driven, or `vi.runAllTimers()` would never end.
 * 4. Every file of the map is a module, tests and dotted names too: suites define functions in
 *    `x.test.ts` and call them as `api["x.test"]`. (`test-modules.ts`)
 *    Handles may be written by hand as convex-test's: `function://component;module:name`. A job made
 *    with one that leads nowhere fails when it runs, not when it is scheduled.
 * 5. Limits of transactions are off unless asked for, as in convex-test. Limits of values are on.
 * 6. `process.env` in functions is the test's, read at each access (`vi.stubEnv`).
 * 7. `console` in functions is the test's, called with the very arguments (`vi.spyOn(console)`).
 * 8. Spies and stubs on `Math.random`, `crypto.randomUUID` and `crypto.getRandomValues` are called
 *    in queries and mutations too, where randomness is the engine's seeded one otherwise.
 * 9. A due job starts when the timer set for it fires, never because another has ended: with fake
 *    timers the test decides step by step. Any number run at once.
 * 10. A job's `name` has no `.js`: suites compare it.
 * 11. Scheduled mutations run one at a time, in the order they came due. (`job-order.ts`)
 * 12. `t.run` and inline functions are the test's own code. They may read, change and delete
 *     documents of system tables through `ctx.db` (suites remove jobs by hand), `ctx.db.get` finds
 *     nothing under an id that is none (suites make them up), and `console` is the process's own
 *     (`vi.spyOn(console, "error")` inside).
 * 13. `ctx.db.vars.commitTs` is an instance of the `convex` package's class too. (`convex-front.ts`)
 * 14. `t.fetch` calls HTTP actions only by the word of the test: identity and metadata are the
 *     accessor's, headers are the action's business, errors are thrown to the test, and no route is
 *     convex-test's 404.
 * 15. Internal functions, and those of components, can be called.
 */
import type { Concessions } from "../backend/concessions";
import { errorToCaller } from "../functions/function-failure";
import { inOrder } from "./job-order";
import { hostEnv, printToConsole } from "./test-process";
import { thrownError } from "./thrown-error";

export function createConcessions(onQueryRun: Concessions["onQueryRun"]): Concessions {
  return {
    print: printToConsole,
    env: hostEnv,
    jobName: (name) => name.replace(/\.js(?=:|$)/, "").replace(/:default$/, ""),
    onQueryRun,
    errorToCaller: (failure) => thrownError(errorToCaller(failure)),
    host: inOrder,
    scheduler: { pace: "clock", cronsRun: "driven", parallelism: Number.POSITIVE_INFINITY },
  };
}
