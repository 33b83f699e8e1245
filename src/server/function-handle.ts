/**
 * Function handles: references that can be stored and passed to other components, as strings.
 */

import { performAsyncSyscall } from "./convex-global";
import { getFunctionAddress } from "./function-address";
import type {
  FunctionReference,
  FunctionReference_future,
  FunctionType,
} from "./function-reference";
import type { DefaultFunctionArgs } from "./registered-function";

/** A string that can be called wherever a reference can. */
export type FunctionHandle<
  Type extends FunctionType,
  // biome-ignore lint/suspicious/noExplicitAny: a handle of some function takes some arguments
  Args extends DefaultFunctionArgs = any,
  // biome-ignore lint/suspicious/noExplicitAny: and returns something
  ReturnType = any,
> = string & FunctionReference<Type, "internal", Args, ReturnType>;

/** {@link FunctionHandle} with arguments compared strictly. */
export type FunctionHandle_future<
  Type extends FunctionType,
  // biome-ignore lint/suspicious/noExplicitAny: as in FunctionHandle
  Args extends DefaultFunctionArgs = any,
  // biome-ignore lint/suspicious/noExplicitAny: as in FunctionHandle
  ReturnType = any,
> = string & FunctionReference_future<Type, "internal", Args, ReturnType>;

/**
 * The handle of a function. The handle of a handle is itself. It stays good while the function
 * exists, and again when it comes back.
 *
 * @throws outside of a running function, or if there is no such function.
 *
 * @example
 * const callback = await createFunctionHandle(internal.jobs.onDone);
 * await ctx.runMutation(components.workpool.enqueue, { callback });
 */
export async function createFunctionHandle<
  Type extends FunctionType,
  Args extends DefaultFunctionArgs,
  ReturnType,
>(
  functionReference:
    | FunctionReference<Type, "public" | "internal", Args, ReturnType>
    | FunctionReference_future<Type, "public" | "internal", Args, ReturnType>,
): Promise<FunctionHandle<Type, Args, ReturnType>> {
  const address = getFunctionAddress(functionReference);
  const handle: unknown = await performAsyncSyscall("1.0/createFunctionHandle", { ...address });
  return handle as FunctionHandle<Type, Args, ReturnType>;
}
