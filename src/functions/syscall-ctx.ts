/**
 * The parts of the running function's ctx that packages also reach through the `Convex` global,
 * because they were written before ctx had them (functions.md 1.6).
 */
import { type FunctionAddress, toReferencePath } from "../server/function-address";
import type { FunctionMetadata, TransactionMetrics } from "../server/meta";
import { userError } from "../shared/errors";
import { convexToJson, jsonToConvex } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import type { NestedCallOptions } from "./nested-call-options";

type Run = (reference: unknown, args: unknown, options: NestedCallOptions) => Promise<unknown>;

/** A ctx of any kind; an action's has no transaction. */
export interface SyscallCtx {
  readonly runQuery: Run;
  readonly runMutation?: Run;
  readonly meta: {
    getFunctionMetadata(): Promise<FunctionMetadata>;
    getTransactionMetrics?(): Promise<TransactionMetrics>;
  };
}

/** Arguments of `1.0/runUdf`. */
export type UdfCall = FunctionAddress & {
  readonly udfType: "query" | "mutation" | "snapshotQuery";
  readonly args: JSONValue;
  readonly transactionLimits?: NestedCallOptions["transactionLimits"];
};

/** A nested call, its values in wire form. */
export async function runUdf(ctx: SyscallCtx, call: UdfCall): Promise<JSONValue> {
  const { udfType, transactionLimits } = call;
  const run = udfType === "mutation" ? ctx.runMutation : ctx.runQuery;
  if (run === undefined) {
    throw userError("NotSupported", "Cannot call a Mutation function from a Query function");
  }
  const result = await run(referenceOf(call), jsonToConvex(call.args), {
    ...(transactionLimits && { transactionLimits }),
    ...(udfType === "snapshotQuery" && { useStaleSnapshot: true }),
  });
  return convexToJson(result as Value);
}

/** What a transaction has used so far. */
export async function transactionMetrics({ meta }: SyscallCtx): Promise<TransactionMetrics> {
  if (meta.getTransactionMetrics !== undefined) return meta.getTransactionMetrics();
  throw userError("NotSupported", "Unknown async operation 1.0/getTransactionMetrics");
}

function referenceOf({ name, reference, functionHandle }: UdfCall): unknown {
  return reference === undefined ? (name ?? functionHandle) : { [toReferencePath]: reference };
}
