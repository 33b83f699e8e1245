/**
 * What simulated functions do, as data: a program travels in the arguments of the function that runs
 * it, so that jobs, nested calls and clients all carry their own. Everything is a Convex value.
 */

export type ItemFields = {
  readonly a?: number;
  readonly b?: string | number | null | bigint;
  /** `"sum"`: one more than the sum over the rows read last. A lost update shows in it. */
  readonly n?: number | "sum";
};

export interface Bound {
  readonly type: "eq" | "gt" | "gte" | "lt" | "lte";
  readonly field: "a" | "b";
  readonly value: string | number | null;
}

export type IndexName = "by_creation_time" | "by_a" | "by_b_a";

/** The fields of each index, `_creationTime` last as everywhere. */
export const INDEX_FIELDS: Readonly<Record<IndexName, readonly ("a" | "b" | "_creationTime")[]>> = {
  by_creation_time: ["_creationTime"],
  by_a: ["a", "_creationTime"],
  by_b_a: ["b", "a", "_creationTime"],
};

export interface Read {
  readonly index: IndexName;
  readonly bounds: readonly Bound[];
  readonly order: "asc" | "desc";
  readonly mode: "collect" | "take" | "first" | "loop" | "page";
  readonly limit: number;
}

/** A document or a job: one of those read last, or one made by this program itself. */
export interface Target {
  readonly of: "read" | "own";
  readonly at: number;
}

export type Step =
  | { readonly do: "insert"; readonly fields: ItemFields }
  | { readonly do: "get"; readonly target: Target }
  | { readonly do: "read"; readonly read: Read }
  | { readonly do: "patch"; readonly target: Target; readonly fields: ItemFields }
  | { readonly do: "replace"; readonly target: Target; readonly fields: ItemFields }
  | { readonly do: "delete"; readonly target: Target }
  /** Reads all jobs. */
  | { readonly do: "jobs" }
  | {
      readonly do: "schedule";
      readonly runs: "mutation" | "action";
      readonly afterMs: number;
      readonly program: Program;
    }
  | { readonly do: "cancel"; readonly target: Target }
  /** Another function: within the transaction, or of its own when an action calls. */
  | {
      readonly do: "call";
      readonly kind: "query" | "mutation";
      readonly program: Program;
      readonly catches: boolean;
    }
  | { readonly do: "throw" }
  | { readonly do: "throwIfMore"; readonly than: number };

export type Program = readonly Step[];
