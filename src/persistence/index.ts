/** `invex/persistence`: for people who write a persistence adapter, or restart backends in tests. */
export {
  type PersistenceCase,
  type PersistenceHarness,
  type PersistencePlace,
  persistenceCases,
} from "./conformance";
export { type MemoryPersistence, memoryPersistence } from "./memory-persistence";
export type {
  FileBytes,
  MetaChange,
  Persistence,
  PersistentStore,
  RowChange,
  RowChangeKind,
  StoredRow,
  WriteBatch,
} from "./persistence";
export { type PersistenceProblem, persistenceError } from "./persistence-error";
