// The part of a runner that matters to errors: calls handlers through the boundary, turns what
// they throw into failures and failures into what a parent catches.

import {
  errorToCaller,
  type FunctionFailure,
  thrownFailure,
} from "../../../src/functions/function-failure";
import { handlerBoundary } from "../../../src/functions/stack-frames";

type Exported = { _handler(ctx: unknown, args: unknown): unknown };

/** What calling an exported function fails with. */
export async function failureOf(exported: unknown, ctx: unknown = {}): Promise<FunctionFailure> {
  try {
    await handlerBoundary.invexCallsHandler((exported as Exported)._handler, ctx, {});
  } catch (thrown) {
    return thrownFailure(thrown);
  }
  throw new Error("the handler did not fail");
}

/** A ctx whose runMutation always runs `child`, which fails. */
export function ctxRunning(child: unknown) {
  return {
    async runMutation(): Promise<never> {
      throw errorToCaller(await failureOf(child));
    },
  };
}
