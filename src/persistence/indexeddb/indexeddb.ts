/**
 * `invex/indexeddb`: persistence in a browser's own database, for pages, workers and Electron's
 * renderers. Everything is read when the backend begins; each commit is one IndexedDB transaction.
 */
import { userError } from "../../shared/errors";
import type { Persistence } from "../persistence";
import { persistenceError } from "../persistence-error";
import { type Durability, IndexedDbAccess } from "./indexeddb-access";
import { type Claim, claimName, type LocksLike } from "./indexeddb-claim";
import { type OpenedDatabase, openDatabase } from "./indexeddb-database";
import { IndexedDbStore } from "./indexeddb-store";

export type { Persistence } from "../persistence";
export type { LocksLike } from "./indexeddb-claim";

export interface IndexedDbOptions {
  /**
   * What a commit waits for.
   * `"strict"` (default): the browser has asked the disk to keep it.
   * `"relaxed"`: the operating system has it. Faster; outlives a crash of the page and of the
   * browser, but a loss of power may cost the last commits (never a part of one).
   */
  readonly durability?: "strict" | "relaxed";
  /**
   * How long `open` waits for another page or worker to give the database up, in milliseconds:
   * 1000 by default, because a page that has just been reloaded may find its former self still
   * there. `Infinity` waits until it can take over.
   */
  readonly waitMs?: number;
  /** What keeps others out: by default the Web Locks of the browser, `navigator.locks`. */
  readonly locks?: LocksLike;
}

/**
 * Keeps a backend in the IndexedDB database `name` of this origin, which is Invex's alone.
 *
 * One backend at a time: others, in whatever tab or worker, get a clear error or wait (`waitMs`). To
 * serve all tabs from one backend, put it in a SharedWorker. While a backend has the database, it
 * cannot be deleted or upgraded by others; when the user clears the site's data, the backend stops
 * with an error. Browsers may delete the data of sites that are seldom used, unless
 * `navigator.storage.persist()` was granted.
 *
 * The backend is there later: await `backend.ready`, or just call it.
 *
 * @throws InvexError `OptionsInvalid`. `backend.ready` rejects with `PersistenceFailed` when the
 * database is in use, belongs to something else or a newer Invex, or when this page may not keep
 * data (private windows of some browsers, blocked storage, no secure context). Nothing is changed
 * then. A commit that fills the browser's quota stops the backend with an error that says so; a file
 * that does is refused.
 * Cost: all rows are in memory as text until the backend has read them.
 * @example
 * const backend = createBackend({ schema, modules, persistence: indexedDB("app") });
 */
export function indexedDB(name: string, options: IndexedDbOptions = {}): Persistence {
  if (typeof name !== "string" || name === "") {
    throw userError("OptionsInvalid", `indexedDB: expected a name, got ${String(name)}`);
  }
  const { durability, waitMs, locks } = parse(options);
  return {
    open: async () => {
      const claim = await claimName(locks ?? browserLocks(), name, waitMs);
      try {
        return await openStore(await openDatabase(name), claim, durability);
      } catch (error) {
        await claim.release();
        throw error;
      }
    },
  };
}

async function openStore(opened: OpenedDatabase, claim: Claim, durability: Durability) {
  const access = new IndexedDbAccess(opened, claim, durability);
  try {
    return await IndexedDbStore.open(access);
  } catch (error) {
    await access.close();
    throw error;
  }
}

function parse({ durability = "strict", waitMs = 1000, locks }: IndexedDbOptions) {
  if (durability !== "strict" && durability !== "relaxed") {
    throw invalid("durability", durability, '"strict" or "relaxed"');
  }
  if (typeof waitMs !== "number" || !(waitMs >= 0)) {
    throw invalid("waitMs", waitMs, "a number of milliseconds from 0 on");
  }
  if (locks !== undefined && typeof locks?.request !== "function") {
    throw invalid("locks", locks, "an object with request(), such as navigator.locks");
  }
  return { durability, waitMs, locks };
}

function invalid(option: string, got: unknown, expected: string) {
  return userError(
    "OptionsInvalid",
    `indexedDB: option \`${option}\`: expected ${expected}, got ${String(got)}`,
    { option },
  );
}

function browserLocks(): LocksLike {
  const locks = globalThis.navigator?.locks;
  if (locks !== undefined) return locks as LocksLike;
  throw persistenceError(
    "unwritable",
    "There are no Web Locks here, without which a second tab could not be kept out: they need a secure context (https, or localhost), or the option `locks` of indexedDB().",
  );
}
