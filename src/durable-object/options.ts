/** What `durableBackend` takes. Types only. */
import type { Backend, BackendOptions } from "../backend/types";
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
 * - `mounts`: what answers below a path in the backend's place, such as the page of
 *   `invex/inspector`. Made by the first request there, and again when the object has slept.
 *   `` mounts: { "/inspector": (backend) => inspector(backend, { key: env.INSPECTOR_KEY }) } ``
 */
export interface DurableBackendOptions<
  M extends Modules = Modules,
  Schema extends AnySchemaDefinition = AnySchemaDefinition,
> extends Omit<BackendOptions<M, Schema>, "persistence" | "clock">,
    DurablePersistenceOptions {
  readonly mounts?: Readonly<Record<string, Mount>>;
}

/** Makes what answers the requests of one path and those below it. */
export type Mount = (backend: Backend) => (request: Request) => Promise<Response>;

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
