/**
 * The stand-in for a mutation's commit timestamp (engine.md 1.7). Inside the transaction it is
 * validated, ordered and measured as the largest Int64; at commit the engine replaces it by the
 * real one. It refuses to be used as a number or to be serialised by mistake.
 */

const UNRESOLVED =
  "This commit timestamp is unresolved: its value is assigned when the mutation commits. Read the document after the mutation completes to get its value.";
const PRINTED = "[unresolved commit timestamp]";

/** The class of {@link commitTsPlaceholder}, there for its type. */
export class CommitTsPlaceholder {
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return PRINTED;
    throw new Error(UNRESOLVED);
  }

  valueOf(): never {
    throw new Error(UNRESOLVED);
  }

  toJSON(): never {
    throw new Error(UNRESOLVED);
  }

  toString(): string {
    return PRINTED;
  }
}

/** The one placeholder: what `ctx.db.vars.commitTs` is. */
export const commitTsPlaceholder = new CommitTsPlaceholder();

/**
 * Whether `value` is a commit timestamp placeholder, also one of another copy of this package or
 * of `convex`. Ask only about objects that are neither plain nor arrays nor buffers.
 */
export function isCommitTsPlaceholder(value: object): value is CommitTsPlaceholder {
  if (value instanceof CommitTsPlaceholder) return true;
  const { toJSON, toString: print } = value as Partial<CommitTsPlaceholder>;
  return (
    typeof toJSON === "function" && typeof print === "function" && print.call(value) === PRINTED
  );
}
