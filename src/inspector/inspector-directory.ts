/** The functions that an inspector's sessions find: the backend's, and the inspector's own. */
import type { EngineInside } from "../backend/engine-inside";
import type { FunctionDirectory } from "../functions/function-directory";
import { functionPath } from "../functions/function-path";
import type { FunctionTarget } from "../functions/function-target";
import { compileFunction, type RegisteredFunction } from "../functions/registered-function";
import { userError } from "../shared/errors";
import { SYSTEM_MODULE, type SystemFunction } from "./system/system-function";
import { systemFunctions } from "./system/system-functions";

/** @returns what is called `_system/inspector:…`; `undefined` for functions of the backend */
export type SystemFunctionOf = (fn: RegisteredFunction) => SystemFunction | undefined;

export function createDirectory({ directory, database }: EngineInside): {
  readonly directory: FunctionDirectory;
  readonly systemFunctionOf: SystemFunctionOf;
} {
  const ids = database.catalog.of("");
  const byName = new Map<string, RegisteredFunction>();
  const systemOf = new Map<RegisteredFunction, SystemFunction>();
  for (const system of systemFunctions) {
    const path = functionPath(SYSTEM_MODULE, system.name);
    const { kind, argsJSON } = system;
    const fn = compileFunction(
      { path, kind, argsJSON, returnsJSON: undefined, visibility: "internal", handler: notCalled },
      ids,
    );
    byName.set(system.name, fn);
    systemOf.set(fn, system);
  }
  return {
    systemFunctionOf: (fn) => systemOf.get(fn),
    directory: {
      resolve: (address, from) => directory.resolve(address, from),
      lookup: (target, wanted, caller) => {
        if (target.path.module !== SYSTEM_MODULE) return directory.lookup(target, wanted, caller);
        const fn = byName.get(target.path.name);
        if (caller === "client" || fn === undefined || fn.kind !== wanted) throw notFound(target);
        return fn;
      },
    },
  };
}

/** What they do is `run` of the system function, which gets more than a `ctx`. */
function notCalled(): never {
  throw new Error("an inspector's own function was called like one of the backend");
}

function notFound({ path: { display } }: FunctionTarget) {
  return userError("FunctionNotFound", `The inspector has no such function: '${display}'.`, {
    function: display,
  });
}
