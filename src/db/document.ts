/** What a table stores. */
import type { Value } from "../values/value";

/**
 * A stored document: canonical (keys sorted, no undefined), with its system fields.
 * Plain and never mutated after it is stored; whoever hands one out hands out a copy.
 */
export interface Document {
  readonly _id: string;
  readonly _creationTime: number;
  [field: string]: Value;
}

/** What every reader of a document needs beside it, computed once when it was written. */
export interface DocumentVersion {
  readonly document: Document;
  /** Bytes as Convex counts them (engine.md 1.4). */
  readonly size: number;
  /** Fields whose values are arrays, objects or bytes: what a copy must descend into. */
  readonly nested: readonly string[];
}
