/** `invex/durable-object`: a backend in every Durable Object of a class. Runs on Cloudflare's platform only. */
export {
  type DurablePersistenceOptions,
  durableObjectPersistence,
} from "../persistence/durable-object/durable-object-persistence";
export type { DurableContext } from "../persistence/durable-object/durable-storage";
export {
  type FileBucket,
  type R2BucketLike,
  r2Files,
} from "../persistence/durable-object/r2-files";
export {
  type BackendObjectClass,
  type BackendObjectMethods,
  durableBackend,
} from "./durable-backend";
export { backendIn, type RemoteBackend } from "./object-calls";
export type { DurableBackendOptions, Mount, ObjectIdentity } from "./options";
export { routeToBackends } from "./route";
