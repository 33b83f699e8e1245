/** From a function's name and arguments on the wire to a call that can be run. */
import { parseArgumentList } from "../functions/call-arguments";
import type { FunctionDirectory } from "../functions/function-directory";
import { parseFunctionPath } from "../functions/function-path";
import { type FunctionTarget, inComponent } from "../functions/function-target";
import type { RegisteredFunction } from "../functions/registered-function";
import type { FunctionCall } from "../functions/runner";
import { decodeArguments } from "../functions/wire-arguments";
import { userError } from "../shared/errors";
import type { WireCall } from "./protocol";
import { originOf, type SyncCaller } from "./sync-caller";

export type CallKind = "query" | "mutation" | "action";

/**
 * Finds the function and checks the arguments: at once, also when it throws, if the function's module
 * is loaded.
 * @throws InvexError as for any client: public functions only, one text for missing and hidden ones
 */
export function lookUpCall(
  directory: FunctionDirectory,
  kind: CallKind,
  wire: WireCall,
  caller: SyncCaller,
  requestId: string,
): FunctionCall | Promise<FunctionCall> {
  const target: FunctionTarget = {
    component: wire.componentPath ?? "",
    path: parseFunctionPath(wire.udfPath),
  };
  if (target.component !== "" && !caller.isAdmin) throw hiddenComponent(target);
  const { identity } = caller;
  // A query's answer is shared with others who ask the same: it knows nothing of the connection.
  const origin = kind === "query" ? undefined : originOf(caller);
  const callOf = (fn: RegisteredFunction): FunctionCall => {
    const { args } = parseArgumentList(fn, decodeArguments(fn, wire.args));
    return { target, fn, args, identity, requestId, origin };
  };
  const found = directory.lookup(target, kind, caller.isAdmin ? "function" : "client");
  return found instanceof Promise ? found.then(callOf) : callOf(found);
}

function hiddenComponent({ component, path }: FunctionTarget) {
  return userError(
    "FunctionNotFound",
    `Could not find public function for '${path.display}'${inComponent(component)}.`,
    { function: path.display },
  );
}
