/** Persistence in the storage of a Durable Object, for classes of one's own and for ours. */
import { userError } from "../../shared/errors";
import type { Persistence } from "../persistence";
import { persistenceError } from "../persistence-error";
import { durableFiles } from "./durable-files";
import type { DurableContext, DurableStorage } from "./durable-storage";
import { DurableStore } from "./durable-store";
import type { FileBucket } from "./r2-files";

export interface DurablePersistenceOptions {
  /** Where the bytes of files are: such as `r2Files(env.FILES)`. Default: in the object itself. */
  readonly files?: FileBucket;
  /**
   * Most bytes of documents in memory: as Convex counts them, and 550 each for what surrounds them.
   * Tables are read whole when they are first used, and stay; what would go beyond is refused by
   * name, before memory (128 MB, shared by the objects of an isolate) runs out. Default: 48 MiB,
   * which 70,000 documents of 150 bytes fill, or 30,000 of 1 kB.
   */
  readonly maxLoadedBytes?: number;
}

const DEFAULT_MAX_LOADED_BYTES = 48 * 2 ** 20;

/** Storage in use. */
const claimed = new WeakSet<DurableStorage>();

/**
 * Keeps a backend in the SQLite storage of the Durable Object that `ctx` belongs to, in tables named
 * `invex_…`; others are left alone.
 *
 * A commit is one transaction. It is durable before anybody outside can see it: the platform holds
 * responses and socket messages back until then. When storing fails, the object is reset.
 *
 * @throws InvexError `OptionsInvalid` when the object has no SQLite storage. From `createBackend`:
 * `PersistenceFailed`, `SchemaEnforcementError`.
 * @example
 * class Room extends DurableObject {
 *   backend = createBackend({ schema, modules, persistence: durableObjectPersistence(this.ctx) });
 * }
 */
export function durableObjectPersistence(
  ctx: DurableContext,
  { files, maxLoadedBytes = DEFAULT_MAX_LOADED_BYTES }: DurablePersistenceOptions = {},
): Persistence {
  const { storage } = ctx;
  assertSqlite(storage);
  if (!(maxLoadedBytes > 0)) {
    throw userError(
      "OptionsInvalid",
      `durableObjectPersistence: option \`maxLoadedBytes\`: expected a number above 0, got ${maxLoadedBytes}`,
    );
  }
  return {
    open: () => {
      if (claimed.has(storage)) {
        throw persistenceError(
          "busy",
          "This Durable Object's storage is in use: another backend has it.",
        );
      }
      const store = new DurableStore(ctx, {
        maxBytes: maxLoadedBytes,
        files: (sql) => files?.open(sql, `${ctx.id}/`) ?? durableFiles(sql),
        onClose: () => void claimed.delete(storage),
      });
      claimed.add(storage);
      return store;
    },
  };
}

function assertSqlite(storage: DurableStorage | undefined): void {
  if (typeof storage?.sql?.exec === "function" && typeof storage.transactionSync === "function")
    return;
  throw userError(
    "OptionsInvalid",
    "durableObjectPersistence: expected the `ctx` of a Durable Object with SQLite storage. List its class under `new_sqlite_classes` in the migrations of its Worker's configuration.",
  );
}
