/** `ctx.scheduler` of mutations and actions, on the scheduler's own terms. */
import type { ActionCall } from "../functions/action-call";
import type { CallExecution } from "../functions/call-execution";
import type { ComponentDirectory } from "../functions/component-directory";
import { holdsPlaceholder } from "../functions/pending-value";
import { PlainText } from "../functions/sandbox/plain-text";
import type { FunctionServices } from "../functions/services";
import type { TransactionFrame } from "../functions/transaction-frame";
import { createCtxScheduler, type SchedulingFunction } from "../scheduler/ctx-scheduler";
import type { FunctionTarget, SchedulerHost } from "../scheduler/ports";
import type { FunctionAddress } from "../server/function-address";
import type { Scheduler } from "../server/scheduler";
import { userError } from "../shared/errors";
import { textOf } from "../shared/text-of";
import { canonicalCopy } from "../values/canonical";
import { valueSize } from "../values/size";
import { isPlainObject, type Value } from "../values/value";
import { systemTransaction } from "./system-transaction";

/** Arguments are stored in an array of one, which counts too. */
const ARRAY_OVERHEAD_BYTES = 2;

export function schedulingServices(
  directory: ComponentDirectory,
  host: () => SchedulerHost,
): Pick<FunctionServices, "transactionScheduler" | "actionScheduler"> {
  return {
    transactionScheduler: (frame) =>
      createCtxScheduler({
        ...common(frame.component, frame.execution, directory),
        isJobsOwnTransaction: frame.execution.origin.job?.kind === "mutation",
        now: () => frame.execution.startMs,
        charge: (args) => chargeJob(frame, args),
        transact: (body) => frame.run(() => body(systemTransaction(frame.tx))),
      }) as Scheduler,
    actionScheduler: (call: ActionCall) =>
      createCtxScheduler({
        ...common(call.component, call.execution, directory),
        isJobsOwnTransaction: false,
        now: () => call.execution.clockMs(),
        charge: () => {},
        transact: (body) => call.track("scheduler", () => host().transact(body)),
      }) as Scheduler,
  };
}

function common(
  component: string,
  execution: CallExecution,
  directory: ComponentDirectory,
): Pick<SchedulingFunction, "component" | "job" | "resolve" | "parseArgs" | "warn"> {
  return {
    component,
    job: execution.origin.job,
    resolve: (address) => resolveTarget(directory, address, component),
    parseArgs,
    warn: (text) => execution.log("WARN", [new PlainText(text)]),
  };
}

function resolveTarget(
  directory: ComponentDirectory,
  address: FunctionAddress,
  from: string,
): FunctionTarget | Promise<FunctionTarget> {
  const target = directory.resolve(address, from);
  const { module, name, canonical } = target.path;
  const found = { component: target.component, name: canonical };
  // Whoever writes handles by hand finds out when it runs.
  if (directory.isHandWritten(address)) return found;
  if (!directory.hasModule(target)) {
    throw userError(
      "FunctionNotFound",
      `Attempted to schedule function at nonexistent path: ${module}.js`,
      { function: target.path.display },
    );
  }
  const isThere = directory.exists(target);
  const verdict = (exists: boolean) => {
    if (exists) return found;
    throw userError(
      "FunctionNotFound",
      `Attempted to schedule function, but no exported function ${name} found in the file: ${module}.js. Did you forget to export it?`,
      { function: target.path.display },
    );
  };
  return isThere instanceof Promise ? isThere.then(verdict) : verdict(isThere);
}

function parseArgs(given: unknown): Value {
  const args = canonicalCopy(given === undefined ? {} : given);
  if (!isPlainObject(args)) {
    throw userError(
      "ValueInvalid",
      `The arguments to a Convex function must be an object. Received: ${textOf(given)}`,
    );
  }
  if (holdsPlaceholder(args as Value)) {
    throw userError("ArgumentsInvalid", "Field name $commitTs starts with '$', which is reserved.");
  }
  return args as Value;
}

function chargeJob({ tx }: TransactionFrame, args: Value): void {
  tx.usage.charge("functionsScheduled", 1);
  tx.usage.charge("scheduledFunctionArgsBytes", ARRAY_OVERHEAD_BYTES + valueSize(args));
}
