/** What `durableBackend` takes. Types only. */
import type { BackendOptions } from "../backend/types";
import type { Modules } from "../functions/module-map";
import type { DurablePersistenceOptions } from "../persistence/durable-object/durable-object-persistence";
import type { AnySchemaDefinition } from "../server/schema-definition";

/**
 * The options of `createBackend`, but that the object itself is clock and persistence, and
 *
 * - `env`: default, the Worker's variables and secrets: those of its bindings that are texts. Other
 *   bindings are what `import { env } from "cloudflare:workers"` gives, in actions too.
 * - `url`: where clients reach this object. URLs of files begin with it, so an app that has files
 *   must say it: `` url: `https://rooms.example.com/${name}` ``.
 */
export interface DurableBackendOptions<
  M extends Modules = Modules,
  Schema extends AnySchemaDefinition = AnySchemaDefinition,
> extends Omit<BackendOptions<M, Schema>, "persistence" | "clock">,
    DurablePersistenceOptions {}

/** Which object it is. */
export interface ObjectIdentity {
  readonly id: string;
  /** As `idFromName` got it; `undefined` for one that has an id only. */
  readonly name: string | undefined;
}

/** The options, or what makes them for one object of a Worker with these bindings. */
export type DurableBackendSource<Env, M extends Modules, Schema extends AnySchemaDefinition> =
  | DurableBackendOptions<M, Schema>
  | ((env: Env, object: ObjectIdentity) => DurableBackendOptions<M, Schema>);
