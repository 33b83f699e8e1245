/** How one call of a function ended. Failures are values here: only the outermost layer throws. */
import type { Value } from "../values/value";
import type { FunctionFailure } from "./function-failure";

export type CallOutcome =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: FunctionFailure };

export function succeeded(value: Value): CallOutcome {
  return { ok: true, value };
}

export function failed(failure: FunctionFailure): CallOutcome {
  return { ok: false, failure };
}
