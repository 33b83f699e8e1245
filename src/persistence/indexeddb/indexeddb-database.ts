/**
 * Opens a database of ours: makes the stores of a new one, upgrades an older one, leaves everybody
 * else's alone. Only whoever has the claim may call it.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { persistenceError } from "../persistence-error";
import { explained } from "./indexeddb-failure";

export interface Stores extends DBSchema {
  invex_meta: { key: string; value: string };
  /** By table and id. */
  invex_rows: { key: [table: number, id: string]; value: string };
  /** By id and number of the chunk, from 0 on. */
  invex_files: { key: [id: string, chunk: number]; value: Uint8Array<ArrayBuffer> };
}

/** The stores there are since each version. */
const STORES = [["invex_meta", "invex_rows", "invex_files"]] as const;

export interface OpenedDatabase {
  readonly database: IDBPDatabase<Stores>;
  /** Whether the browser has closed it by itself, as when the user clears the site's data. */
  readonly isTerminated: () => boolean;
}

/** @throws InvexError `PersistenceFailed`, nothing having been changed */
export async function openDatabase(name: string): Promise<OpenedDatabase> {
  let isTerminated = false;
  const terminated = () => {
    isTerminated = true;
  };
  try {
    const database = await openOwn(name, terminated);
    mustBeOurs(database, name);
    return { database, isTerminated: () => isTerminated };
  } catch (cause) {
    if ((cause as { name?: unknown }).name === "VersionError") throw await otherVersion(name);
    throw explained(cause);
  }
}

function openOwn(name: string, terminated: () => void): Promise<IDBPDatabase<Stores>> {
  return openDB<Stores>(name, STORES.length, {
    upgrade(database, oldVersion) {
      for (const store of STORES.slice(oldVersion).flat()) database.createObjectStore(store);
    },
    // Neither `blocked`: whoever has it open in an older version has the claim that we have. Nor
    // `blocking`: nobody is to change or delete what a backend is working on.
    terminated,
  });
}

function mustBeOurs(database: IDBPDatabase<Stores>, name: string): void {
  if (hasOurStores(database)) return;
  const stores = [...database.objectStoreNames];
  database.close();
  throw foreign(name, stores);
}

/** It has a greater version number than ours: that of a newer Invex, or somebody else's. */
async function otherVersion(name: string) {
  const database = await openDB<Stores>(name);
  const { version } = database;
  const stores = [...database.objectStoreNames];
  const isOurs = hasOurStores(database);
  database.close();
  if (!isOurs) return foreign(name, stores);
  return persistenceError(
    "newer",
    `The IndexedDB database "${name}" has version ${version}, made by a newer Invex; this one knows version ${STORES.length}. Use the newer version. Nothing was changed.`,
    { name, version },
  );
}

function hasOurStores({ objectStoreNames }: IDBPDatabase<Stores>): boolean {
  return STORES.flat().every((store) => objectStoreNames.contains(store));
}

function foreign(name: string, stores: readonly string[]) {
  return persistenceError(
    "foreign",
    `The IndexedDB database "${name}" belongs to something else: it has the stores ${stores.slice(0, 5).join(", ") || "of nobody"}, and not Invex's own. Give Invex a name of its own. Nothing was changed.`,
    { name, stores },
  );
}
