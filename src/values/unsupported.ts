/**
 * Explains, in the words of Convex's JavaScript encoder (engine.md 1.2), why a JavaScript value is
 * no Convex value, and where. Encoders first walk without keeping a path; this second walk, in the
 * same order, runs only when they failed.
 */
import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import { isCommitTsPlaceholder } from "./commit-ts";
import { assertFieldName } from "./field-name";
import { fitsInt64, isArrayBuffer, isPlainObject, sortedKeys } from "./value";

const ADVICE = "To learn about Convex's supported types, see https://docs.convex.dev/using/types.";
const MAX_RENDERED_LENGTH = 16_384;
const TRUNCATED = "[...truncated]";

/**
 * How deep the walks over JavaScript values go before they give up. Far above the 64 levels a
 * value may have, far below what overflows a stack.
 */
export const MAX_WALK_DEPTH = 512;

/** Text of the backend's limit on nesting, for a value too deep to walk. */
export const TOO_NESTED = "Value is too nested (nested 65 levels deep > maximum nesting 64)";

/** The error of an `Int64` out of range. */
export function int64RangeError(value: bigint): InvexError {
  return userError("ValueInvalid", `BigInt ${value} does not fit into a 64-bit signed integer.`);
}

/** The first reason why `original` cannot be encoded, as the error to throw. */
export function explainUnsupported(original: unknown): unknown {
  try {
    walk(original, original, { path: "", ancestors: [] });
  } catch (error) {
    return error;
  }
  // Only a value that changes while it is read (a getter, a proxy) comes here.
  return userError("ValueInvalid", "The value changed while it was being read.");
}

interface Place {
  /** Empty at the top, else like `.a[0]`. */
  readonly path: string;
  readonly ancestors: readonly object[];
}

function walk(value: unknown, original: unknown, place: Place): void {
  if (value === undefined) throw undefinedError(place.path, original);
  if (typeof value === "bigint" && !fitsInt64(value)) throw int64RangeError(value);
  if (typeof value === "function" || typeof value === "symbol") {
    throw unsupportedError(value, original, place.path);
  }
  if (typeof value !== "object" || value === null) return;
  walkObject(value, original, place);
}

function walkObject(value: object, original: unknown, { path, ancestors }: Place): void {
  if (ancestors.includes(value)) throw cycleError(path);
  if (ancestors.length > MAX_WALK_DEPTH) throw userError("TooNestedError", TOO_NESTED);
  const inside = [...ancestors, value];
  if (Array.isArray(value)) {
    value.forEach((element, i) => {
      walk(element, original, { path: `${path}[${i}]`, ancestors: inside });
    });
  } else if (isPlainObject(value)) {
    for (const key of sortedKeys(value)) {
      const field = value[key];
      if (field === undefined) continue;
      assertFieldName(key);
      walk(field, original, { path: `${path}.${key}`, ancestors: inside });
    }
  } else if (!isArrayBuffer(value) && !isCommitTsPlaceholder(value)) {
    throw unsupportedError(value, original, path);
  }
}

function undefinedError(path: string, original: unknown): InvexError {
  const where = path && ` (present at path ${path} in original object ${render(original)})`;
  return userError("ValueInvalid", `undefined is not a valid Convex value${where}. ${ADVICE}`);
}

function unsupportedError(value: unknown, original: unknown, path: string): InvexError {
  const text = `${renderUnsupported(value)} is not a supported Convex type`;
  if (path === "") return userError("ValueInvalid", `${text}.`);
  return userError(
    "ValueInvalid",
    `${text} (present at path ${path} in original object ${render(original)}). ${ADVICE}`,
  );
}

function cycleError(path: string): InvexError {
  return userError(
    "ValueInvalid",
    `The object at path ${path || "."} contains itself, which is not a valid Convex value. ${ADVICE}`,
  );
}

function renderUnsupported(value: unknown): string {
  if (value instanceof Set) return `Set${render([...value])}`;
  if (value instanceof Map) return `Map${render([...value])}`;
  const name = (value as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return (name ? `${name} ` : "") + render(value);
}

/**
 * A value as JSON for an error message: what JSON lacks is shown as text (`"5n"`, `"undefined"`,
 * `"[Function]"`), and more than 16,384 characters are cut.
 */
export function render(value: unknown): string {
  const text = stringify(value);
  if (text.length <= MAX_RENDERED_LENGTH) return text;
  const end = MAX_RENDERED_LENGTH - TRUNCATED.length;
  const splitsPair = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(0, splitsPair ? end - 1 : end) + TRUNCATED;
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, member: unknown) => renderable(member)) ?? "undefined";
  } catch {
    // A cycle, or a `toJSON` that throws.
    return Object.prototype.toString.call(value);
  }
}

function renderable(member: unknown): unknown {
  switch (typeof member) {
    case "undefined":
      return "undefined";
    case "function":
      return "[Function]";
    case "symbol":
      return String(member);
    case "bigint":
      return `${member}n`;
    default:
      return member;
  }
}
