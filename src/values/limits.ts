/**
 * Convex's limits on any one value (engine.md 1.3), checked on canonical values: nesting, length of
 * arrays, number of fields, size, valid Unicode. Field names are the encoder's duty
 * (`canonical.ts`), documents have more rules of their own (`db/`).
 */
import type { ErrorCode } from "../shared/errors";
import { userError } from "../shared/errors";
import { isCommitTsPlaceholder } from "./commit-ts";
import { formatSize } from "./print";
import { valueSize } from "./size";
import { isWellFormed } from "./utf8";
import type { Value } from "./value";
import { isArrayBuffer } from "./value";

/** Levels of arrays and objects any value may have. A primitive has none, `[]` and `{}` have one. */
export const MAX_NESTING = 64;
/** Levels a document may have, the document itself included. */
export const MAX_DOCUMENT_NESTING = 16;
/** Elements of one array. */
export const MAX_ARRAY_LENGTH = 8192;
/** Fields of one object. */
export const MAX_OBJECT_FIELDS = 1024;
/** Size of any value, in bytes. */
export const MAX_VALUE_SIZE = 32 * 1024 * 1024;
/** Size of a document, system fields included, in bytes. */
export const MAX_DOCUMENT_SIZE = 1024 * 1024;

/** A broken limit: Convex's short code and text. */
export interface LimitProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Throws unless `value` keeps every limit of {@link valueLimitProblem}.
 * O(size of the value).
 */
export function checkValueLimits(value: Value, maxNesting = MAX_NESTING): void {
  const problem = valueLimitProblem(value, maxNesting);
  if (problem !== undefined) throw userError(problem.code, problem.message);
}

/** The first limit of arrays, fields, nesting and size that a canonical value breaks, or nothing. */
export function valueLimitProblem(
  value: Value,
  maxNesting = MAX_NESTING,
): LimitProblem | undefined {
  return containerProblem(value, maxNesting) ?? sizeProblem(valueSize(value), MAX_VALUE_SIZE);
}

/** The problem of a value of `size` bytes where `maximum` are allowed, or nothing. */
export function sizeProblem(size: number, maximum: number): LimitProblem | undefined {
  if (size <= maximum) return undefined;
  return {
    code: "ValueTooLargeError",
    message: `Value is too large (${formatSize(size)} > maximum size ${formatSize(maximum)})`,
  };
}

/** Depth first, children before their container: the order in which Convex builds values. */
function containerProblem(value: Value, levelsLeft: number): LimitProblem | undefined {
  const children = childrenOf(value);
  if (children === undefined) return undefined;
  if (levelsLeft === 0) return tooNested();
  for (const child of children) {
    const problem = containerProblem(child, levelsLeft - 1);
    if (problem !== undefined) return problem;
  }
  return lengthProblem(Array.isArray(value), children.length);
}

function tooNested(): LimitProblem {
  return {
    code: "TooNestedError",
    message: `Value is too nested (nested ${MAX_NESTING + 1} levels deep > maximum nesting ${MAX_NESTING})`,
  };
}

function lengthProblem(isArray: boolean, length: number): LimitProblem | undefined {
  if (isArray && length > MAX_ARRAY_LENGTH) {
    return {
      code: "ArrayTooLong",
      message: `Array length is too long (${length} > maximum length ${MAX_ARRAY_LENGTH})`,
    };
  }
  if (!isArray && length > MAX_OBJECT_FIELDS) {
    return {
      code: "TooManyFieldsError",
      message: `Object has too many fields (${length} > maximum number ${MAX_OBJECT_FIELDS})`,
    };
  }
  return undefined;
}

/** How many levels of arrays and objects a value has. */
export function nestingOf(value: Value): number {
  const children = childrenOf(value);
  if (children === undefined) return 0;
  let deepest = 0;
  for (const child of children) deepest = Math.max(deepest, nestingOf(child));
  return deepest + 1;
}

/** What a JSON parser says of the first string that is no valid Unicode, or nothing. */
export function unicodeProblem(value: Value): string | undefined {
  if (typeof value === "string") return isWellFormed(value) ? undefined : surrogateText(value);
  for (const child of childrenOf(value) ?? []) {
    const problem = unicodeProblem(child);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** JSON text escapes an unpaired surrogate; Convex's parser then refuses the escape. */
function surrogateText(text: string): string {
  const [unpaired] = /\p{Surrogate}/u.exec(text)!;
  return unpaired < "\udc00"
    ? "unexpected end of hex escape"
    : "lone leading surrogate in hex escape";
}

function childrenOf(value: Value): readonly Value[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return value;
  if (isArrayBuffer(value) || isCommitTsPlaceholder(value)) return undefined;
  return Object.values(value) as Value[];
}
