/** A query's call as the reactive layer takes it: what makes it the same as another, and itself. */
import stableStringify from "fast-json-stable-stringify";
import type { QueryRequest } from "../reactivity/ports";
import type { FunctionCall } from "./runner";

/** A request that carries the call it stands for; failures come back as the runner made them. */
export interface CallRequest extends QueryRequest {
  readonly call: FunctionCall;
}

export function queryRequestOf(call: FunctionCall): CallRequest {
  const { target, args, identity } = call;
  return {
    componentPath: target.component,
    path: target.path.canonical,
    args,
    identity: identity === null ? undefined : { key: stableStringify(identity) },
    call,
  };
}
