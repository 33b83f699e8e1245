/** What a commit did: the only thing that leaves `db/` after one. */
import type { Document, DocumentVersion } from "./document";
import type { IndexPlan } from "./index-plan";
import type { TablePlan } from "./table-plan";
import type { Timestamp } from "./timestamp";

/** One document before and after a commit. Index keys are computed when first asked for. */
export class DocumentChange {
  readonly table: TablePlan;
  readonly id: string;
  /** Version before; `undefined` for an insert. */
  readonly oldVersion: DocumentVersion | undefined;
  /** Version after; `undefined` for a deletion. */
  readonly newVersion: DocumentVersion | undefined;
  #keysBefore: Map<IndexPlan, string> | undefined;
  #keysAfter: Map<IndexPlan, string> | undefined;

  constructor(
    table: TablePlan,
    id: string,
    oldVersion: DocumentVersion | undefined,
    newVersion: DocumentVersion | undefined,
  ) {
    this.table = table;
    this.id = id;
    this.oldVersion = oldVersion;
    this.newVersion = newVersion;
  }

  get before(): Document | undefined {
    return this.oldVersion?.document;
  }

  get after(): Document | undefined {
    return this.newVersion?.document;
  }

  /** The old document's key in `index`; `undefined` for an insert. */
  keyBefore(index: IndexPlan): string | undefined {
    if (this.oldVersion === undefined) return undefined;
    this.#keysBefore ??= new Map();
    return memoizedKey(this.#keysBefore, index, this.oldVersion.document);
  }

  /** The new document's key in `index`; `undefined` for a deletion. */
  keyAfter(index: IndexPlan): string | undefined {
    if (this.newVersion === undefined) return undefined;
    this.#keysAfter ??= new Map();
    return memoizedKey(this.#keysAfter, index, this.newVersion.document);
  }
}

function memoizedKey(keys: Map<IndexPlan, string>, index: IndexPlan, document: Document): string {
  let key = keys.get(index);
  if (key === undefined) {
    key = index.keyOf(document);
    keys.set(index, key);
  }
  return key;
}

export interface CommitRecord {
  readonly ts: Timestamp;
  /** One entry a document, in the order of first write. */
  readonly changes: readonly DocumentChange[];
  /** Tables that exist since this commit. */
  readonly createdTables: readonly TablePlan[];
  /**
   * Tables that are no more since this commit; the changes have the end of every document they held.
   * One of the same name, but with another number, may be among `createdTables`.
   */
  readonly droppedTables?: readonly TablePlan[] | undefined;
  /** Path of the function that committed, for error texts; absent for the engine's own writes. */
  readonly source?: string | undefined;
}
