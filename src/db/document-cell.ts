/**
 * The one shared holder of a document: every index of a table points at it, so a write that changes
 * no key touches no index (DESIGN 5). Older versions hang off it for as long as a snapshot needs them.
 */
import { must } from "../shared/assert";
import type { Document, DocumentVersion } from "./document";
import type { Rows } from "./table-store";

export class DocumentCell implements DocumentVersion {
  /** `tombstone` after a deletion. */
  document: Document;
  /** The commit that wrote this version. */
  seq: number;
  size: number;
  nested: readonly string[];
  /** The version before, kept only while a snapshot may read it. */
  older: DocumentCell | undefined;

  constructor(version: DocumentVersion, seq: number, older: DocumentCell | undefined) {
    this.document = version.document;
    this.size = version.size;
    this.nested = version.nested;
    this.seq = seq;
    this.older = older;
  }

  get isDeleted(): boolean {
    return this.document === tombstone;
  }

  /**
   * The version that a snapshot at `seq` sees; `undefined` when the document did not exist. It may
   * be overwritten by the next commit: to be used at once, or {@link keep}t.
   */
  at(seq: number): DocumentVersion | undefined {
    let version: DocumentCell | undefined = this;
    while (version !== undefined && version.seq > seq) version = version.older;
    return version === undefined || version.document === tombstone ? undefined : version;
  }

  /** Overwrites this version in place, keeping it reachable below the new one if asked. */
  supersede(next: DocumentVersion, seq: number, keepOld: boolean): void {
    if (keepOld) this.older = new DocumentCell(this, this.seq, this.older);
    this.document = next.document;
    this.size = next.size;
    this.nested = next.nested;
    this.seq = seq;
  }
}

const tombstone = Object.freeze({ _id: "", _creationTime: 0 }) as Document;

/** The version of a document that is no more. */
export const DELETED: DocumentVersion = { document: tombstone, size: 0, nested: [] };

/** Keeps the versions of `rows` from position `start` on. */
export function keepFrom({ versions }: Rows, start: number): void {
  for (let i = start; i < versions.length; i++) versions[i] = keep(must(versions[i]));
}

/** A version as it is now, for those who hold it across commits. */
export function keep(version: DocumentVersion): DocumentVersion {
  if (!(version instanceof DocumentCell)) return version;
  return { document: version.document, size: version.size, nested: version.nested };
}
