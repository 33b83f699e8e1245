/**
 * `createBackend`: where a backend begins. Parses the options, finds the schema, and puts a typed
 * handle around the engine that `backend/engine.ts` wires together.
 */
import { createHandle } from "./backend/handle";
import { openEngine } from "./backend/open-engine";
import { parseOptions } from "./backend/options";
import type { ApiOf, Backend, BackendOptions, InternalApiOf, ModelOf } from "./backend/types";
import type { Modules } from "./functions/module-map";
import type { AnySchemaDefinition } from "./server/schema-definition";

/**
 * A reactive, transactional Convex backend inside this process.
 *
 * @throws InvexError `OptionsInvalid`, `ModuleInvalid` or `SchemaInvalid`; with persistence also
 * `PersistenceFailed`, and `SchemaEnforcementError` when what is stored does not fit the schema. For a
 * lazily loaded schema, or an adapter that is opened later, `ready` (and every call) rejects with it
 * instead.
 * @example
 * const backend = createBackend({ schema, modules: { messages } });
 * const stop = backend.subscribe(backend.api.messages.list, { channel: "general" }, render);
 * await backend.mutation(backend.api.messages.send, { channel: "general", body: "hi" });
 */
export function createBackend<
  const M extends Modules,
  Schema extends AnySchemaDefinition = AnySchemaDefinition,
>(options: BackendOptions<M, Schema>): Backend<ApiOf<M>, InternalApiOf<M>, ModelOf<Schema>> {
  const parsed = parseOptions(options);
  return createHandle(openEngine(parsed), parsed.url) as Backend<
    ApiOf<M>,
    InternalApiOf<M>,
    ModelOf<Schema>
  >;
}
