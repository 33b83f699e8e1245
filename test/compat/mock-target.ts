// convex-test over the fixture app, as a target of compatibility scripts. It lives under vitest's fake
// timers from its making until `close`, because the mock schedules with setTimeout.

import { makeFunctionReference } from "convex/server";
import { convexTest } from "convex-test";
import { vi } from "vitest";
import appSchema from "../fixtures/app/convex/schema";
import { modules as appModules } from "../fixtures/app/modules";
import { START_MS } from "../fixtures/stepped-clock";
import type { Target } from "./step";

/** The mock, under fake timers from here until `close`. */
export function mockOnApp(): Target {
  vi.useFakeTimers({ now: START_MS });
  const mock = convexTest(appSchema, appModules);
  return {
    name: "convex-test on the convex app",
    call: async (step, args) => {
      const caller = step.as === undefined ? mock : mock.withIdentity(step.as);
      if (step.kind === "query") {
        return await caller.query(makeFunctionReference<"query">(step.path), args);
      }
      if (step.kind === "mutation") {
        return await caller.mutation(makeFunctionReference<"mutation">(step.path), args);
      }
      return await caller.action(makeFunctionReference<"action">(step.path), args);
    },
    tick: () => {
      vi.setSystemTime(Date.now() + 1);
    },
    drain: async (ms) => {
      vi.setSystemTime(Date.now() + ms);
      await mock.finishAllScheduledFunctions(vi.runAllTimers);
    },
    close: async () => {
      vi.useRealTimers();
    },
  };
}
