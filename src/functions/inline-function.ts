/** `backend.mutation(async (ctx) => …)`: a handler without a module, run like any function. */

import { REJECTED } from "../values/strict-copy";
import { functionKindOf } from "./function-definition";
import { functionPath } from "./function-path";
import type { RegisteredFunction } from "./registered-function";

/** Where inline functions seem to be. */
export const INLINE_MODULE = "inline";

/** The function that an inline handler is. It takes no arguments and is never cached. */
export function inlineFunction(
  kind: "query" | "mutation" | "action",
  handler: (ctx: never) => unknown,
): RegisteredFunction {
  return {
    path: functionPath(INLINE_MODULE, kind),
    component: "",
    kind,
    visibility: "internal",
    handler: (ctx) => handler(ctx as never),
    argsJSON: { type: "any" },
    returnsJSON: undefined,
    ingestArgs: () => REJECTED,
    checkArgs: () => undefined,
    ingestReturns: () => REJECTED,
    checkReturns: () => undefined,
  };
}

/** Whether a caller gave a handler where a reference is expected. */
export function isInlineHandler(value: unknown): value is (ctx: never) => unknown {
  return typeof value === "function" && functionKindOf(value) === undefined;
}
