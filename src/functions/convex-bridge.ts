/**
 * What the `Convex` global answers inside running functions: the few helpers of both authoring
 * fronts that are not on `ctx` (functions.md 1.4), and the few operations that published components
 * call by name. Everything else on it is unknown, as in Convex.
 */
import type { FunctionAddress } from "../server/function-address";
import { must } from "../shared/assert";
import { userError } from "../shared/errors";
import type { CallExecution } from "./call-execution";
import { createHandle } from "./component-directory";
import type { FunctionDirectory } from "./function-directory";
import type { ConvexBridge } from "./sandbox/execution";
import { runUdf, transactionMetrics, type UdfCall } from "./syscall-ctx";

/** The bridge of one call. */
export function createConvexBridge(
  execution: CallExecution,
  directory: FunctionDirectory,
): ConvexBridge {
  const running = () => must(execution.ctx, "the Convex global was used outside of a handler");
  const operations: Record<string, (args: never) => unknown> = {
    "1.0/createFunctionHandle": async (address: FunctionAddress & { version?: string }) => {
      const target = directory.resolve(address, execution.current.component, undefined);
      if (target.isExport) await directory.lookup(target, "any", "function");
      return createHandle(target);
    },
    "1.0/getFunctionMetadata": () => running().meta.getFunctionMetadata(),
    "1.0/getTransactionMetrics": () => transactionMetrics(running()),
    "1.0/runUdf": (call: UdfCall) => runUdf(running(), call),
    "1.0/auditLog": () => {
      if (execution.kind === "query" || execution.kind === "mutation") return null;
      throw userError("NotSupported", "Audit logging is not yet supported in actions");
    },
  };
  return {
    syscall: (operation) => {
      throw userError("NotSupported", `Unknown operation ${operation}`);
    },
    asyncSyscall: async (operation, jsonArgs) => {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (run === undefined) {
        throw userError("NotSupported", `Unknown async operation ${operation}`);
      }
      return JSON.stringify(await run(JSON.parse(jsonArgs) as never));
    },
    jsSyscall: (operation) => {
      throw userError("NotSupported", `Unknown JS operation ${operation}`);
    },
  };
}
