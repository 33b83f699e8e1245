/**
 * Calls from a Worker into an object, in two halves: what the object answers, and callers that make
 * of it what calls of a backend in the same process give. Errors lose all but their text between
 * objects, so a failure crosses as a value.
 */
import type { IdentityAttributes } from "../auth/identity";
import type { ApiOf, Backend, Callers, InternalApiOf } from "../backend/types";
import type { Modules } from "../functions/module-map";
import { anyApi } from "../server/api";
import { getFunctionAddress } from "../server/function-address";
import type { FunctionType } from "../server/function-reference";
import { userError } from "../shared/errors";
import { ConvexError, isConvexError } from "../values/convex-error";
import type { Value } from "../values/value";
import type { BackendObjectClass } from "./durable-backend";
import type { ObjectNamespace } from "./durable-object-state";

export interface ObjectCall {
  readonly kind: FunctionType;
  readonly path: string;
  readonly args: Record<string, unknown>;
  readonly identity?: IdentityAttributes | undefined;
}

export type ObjectAnswer =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string; readonly data?: Value };

/** What a stub offers to {@link backendIn}. */
export interface ObjectCalls {
  call(call: ObjectCall): Promise<ObjectAnswer>;
}

/** The object's half. */
export async function answerCall(backend: Backend, call: ObjectCall): Promise<ObjectAnswer> {
  const { kind, path, args, identity } = call;
  const callers = identity === undefined ? backend : backend.withIdentity(identity);
  try {
    return { ok: true, value: await callers[kind](path, args) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const data = isConvexError(error) ? { data: error.data as Value } : {};
    return { ok: false, message, ...data };
  }
}

type CallableFrom = Pick<Callers, "query" | "mutation" | "action">;

/** A backend in a Durable Object, as its Worker calls it. */
export interface RemoteBackend<M extends Modules = Modules> extends CallableFrom {
  readonly api: ApiOf<M>;
  /** The Worker may call internal functions. */
  readonly internal: InternalApiOf<M>;
  /** The same callers as a signed-in user. */
  withIdentity(identity: IdentityAttributes): CallableFrom;
}

type ModulesOf<Class> = Class extends { readonly modules?: infer M extends Modules | undefined }
  ? NonNullable<M>
  : Modules;

// biome-ignore lint/suspicious/noExplicitAny: a class for whatever bindings
type AnyObjectClass = BackendObjectClass<Modules, any>;

/**
 * The backend of the object called `name`, with typed calls of its functions.
 *
 * @throws from a call: `ConvexError` with the function's data, else InvexError `FunctionFailed` with
 * the text a client would get
 * @example
 * const room = backendIn<typeof Room>(env.ROOMS, "general");
 * await room.mutation(room.api.messages.send, { body: "hi" });
 */
export function backendIn<Class extends AnyObjectClass>(
  namespace: ObjectNamespace<unknown>,
  name: string,
): RemoteBackend<ModulesOf<Class>> {
  const stub = namespace.get(namespace.idFromName(name)) as ObjectCalls;
  return {
    ...callersOf(stub, undefined),
    api: anyApi,
    internal: anyApi,
    withIdentity: (identity: IdentityAttributes) => callersOf(stub, identity),
  } as unknown as RemoteBackend<ModulesOf<Class>>;
}

function callersOf(stub: ObjectCalls, identity: IdentityAttributes | undefined) {
  const caller =
    (kind: FunctionType) =>
    async (reference: unknown, args: Record<string, unknown> = {}): Promise<Value> => {
      const { name } = getFunctionAddress(reference);
      if (name === undefined) throw notCallable();
      return answeredValue(await stub.call({ kind, path: name, args, identity }));
    };
  return { query: caller("query"), mutation: caller("mutation"), action: caller("action") };
}

function answeredValue(answer: ObjectAnswer): Value {
  if (answer.ok) return answer.value;
  if ("data" in answer) throw new ConvexError(answer.data as Value);
  throw userError("FunctionFailed", answer.message);
}

function notCallable() {
  return userError(
    "FunctionInvalid",
    'A Worker calls the functions of an object by reference (`api.messages.list`) or path (`"messages:list"`): inline functions and references into components stay inside it.',
  );
}
