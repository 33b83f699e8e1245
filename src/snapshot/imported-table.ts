/**
 * One table of an import as it was read: values with the fields they had, checked as far as that is
 * possible without knowing what is there already.
 */
import * as z from "zod/mini";
import type { Value, ValueObject } from "../values/value";
import { isPlainObject } from "../values/value";
import { importError, messageOf, type Place } from "./snapshot-error";
import { type Encoding, JsonSyntaxError, parseJson } from "./uniform-json";

export interface ImportedTable {
  /** Path of the component; `""` is the app. */
  readonly component: string;
  readonly name: string;
  /** What the archive says the table's number is. */
  readonly number: number | undefined;
  /** Row `n` of error texts is the one at `n - 1`. */
  readonly rows: readonly ValueObject[];
  /** Path of its documents inside the archive; absent for a source that is the table itself. */
  readonly file: string | undefined;
}

/** The latest time a `Date` can hold. */
export const MAX_TIME_MS = 8.64e15;

/** System fields are kept where they are given; the others are up to the table's schema. */
const rowShape = z.object({
  _id: z.optional(z.string("expected a string")),
  _creationTime: z.optional(
    z
      .number("expected a float: milliseconds since the epoch")
      .check(
        z.gt(0, "expected milliseconds since the epoch"),
        z.lte(MAX_TIME_MS, "expected milliseconds since the epoch"),
      ),
  ),
});

/**
 * Reads one row.
 * @param line from 1
 * @throws InvexError `ImportFailed`, in Convex's words
 */
export function parseRow(
  text: string,
  encoding: Encoding,
  { file, line }: Pick<Place, "file"> & { readonly line: number },
): ValueObject {
  let value: Value;
  try {
    value = parseJson(text, encoding);
  } catch (cause) {
    const problem = cause instanceof JsonSyntaxError ? "valid JSON" : "a valid Convex value";
    throw importError(`Row ${line} wasn't ${problem}: ${messageOf(cause)}`, { file, line }, cause);
  }
  return checkRow(value, { file, line });
}

/** A value that was read as a row; it must be an object whose system fields are right. */
export function checkRow(
  value: Value,
  { file, line }: Pick<Place, "file"> & { readonly line: number },
): ValueObject {
  if (!isPlainObject(value)) throw importError(`Row ${line} wasn't an object`, { file, line });
  const parsed = z.safeParse(rowShape, value);
  if (parsed.success) return value as ValueObject;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0]);
  const problem = `Row ${line} wasn't a valid Convex value: ${issue?.message}`;
  throw importError(problem, { file, line, field });
}
