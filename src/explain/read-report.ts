/**
 * What a function has read, in its author's terms: the ranges of a read set with their keys turned
 * back into values. Exactly what the engine compares with commits, no more and no less.
 */
import type { IndexPlan } from "../db/index-plan";
import type { KeyRange } from "../db/key-range";
import { decodeKey } from "../db/key-values";
import type { Reads, SearchRead } from "../db/read-set";
import type { TablePlan } from "../db/table-plan";
import type { Value } from "../values/value";
import { printLiteral } from "./print-literal";

/** One end of a range: the values that the fields, taken together, are compared with. */
export interface RangeBound {
  readonly fields: readonly string[];
  /** As many as fields; `undefined` is a missing field. */
  readonly values: readonly (Value | undefined)[];
  /** Whether documents with these very values are in the range. */
  readonly inclusive: boolean;
}

interface ReadPlace {
  /** Path of the component; "" is the app. */
  readonly component: string;
  readonly table: string;
  /** For people: `messages.by_channel: channel = "general", _creationTime > 5`. */
  readonly text: string;
}

/** An interval of an index, as far as it was really read. */
export interface RangeRead extends ReadPlace {
  readonly kind: "range";
  readonly index: string;
  /** Fields that the whole range agrees in. */
  readonly equal: readonly { readonly field: string; readonly value: Value | undefined }[];
  /** Absent: from the first document with those. */
  readonly lower?: RangeBound;
  /** Absent: to the last. */
  readonly upper?: RangeBound;
}

/** One document, by its id, whether or not it existed. */
export interface DocumentRead extends ReadPlace {
  readonly kind: "document";
  readonly id: string;
}

/** A full-text search: every document that matches, or would. */
export interface TextSearchRead extends ReadPlace {
  readonly kind: "search";
}

/** That a table does not exist. */
export interface MissingTableRead extends ReadPlace {
  readonly kind: "missingTable";
}

/** One thing a function depends on: whoever changes it, changes its answer. */
export type ReadReport = RangeRead | DocumentRead | TextSearchRead | MissingTableRead;

/** Which table an id belongs to. */
export type TableOfId = (id: string) => TablePlan | undefined;

/** Everything in `reads`, equal ones once. Cost: O(its size). */
export function reportReads(reads: Reads, tableOf: TableOfId): ReadReport[] {
  const reports: ReadReport[] = [];
  for (const [index, ranges] of reads.ranges) {
    for (const range of ranges) {
      if (range.lower < range.upper) reports.push(rangeReport(index, range));
    }
  }
  for (const search of reads.searches) reports.push(searchReport(search));
  for (const key of reads.missingTables) reports.push(missingTableReport(key));
  for (const id of reads.points) reports.push(documentReport(id, tableOf(id)));
  return [...new Map(reports.map((report) => [report.text, report])).values()];
}

export function rangeReport(
  index: IndexPlan,
  { lower, upper, prefix }: KeyRange & { readonly prefix: string },
): RangeRead {
  const { table, fields, name } = index;
  const equal = decodeKey(prefix).values.map((value, i) => ({ field: fields[i] as string, value }));
  const from = boundOf(index, lower, equal.length);
  const to = boundOf(index, upper, equal.length);
  const conditions = [
    ...equal.map(({ field, value }) => `${field} = ${printLiteral(value)}`),
    ...(from === undefined ? [] : [printBound(from, from.isAfter ? ">" : ">=")]),
    ...(to === undefined ? [] : [printBound(to, to.isAfter ? "<=" : "<")]),
  ];
  return {
    kind: "range",
    ...placeOf(table),
    index: name,
    equal,
    ...(from && { lower: publicBound(from, !from.isAfter) }),
    ...(to && { upper: publicBound(to, to.isAfter) }),
    text: `${printPlace(table)}.${name}: ${conditions.join(", ") || "all documents"}`,
  };
}

interface Bound {
  readonly fields: readonly string[];
  readonly values: readonly (Value | undefined)[];
  readonly isAfter: boolean;
}

/** What a key says beyond the fields of the equality prefix; `undefined` when that is nothing. */
function boundOf({ fields }: IndexPlan, key: string, equal: number): Bound | undefined {
  const { values, isAfter } = decodeKey(key);
  if (values.length <= equal) return undefined;
  return { fields: fields.slice(equal, values.length), values: values.slice(equal), isAfter };
}

function publicBound({ fields, values }: Bound, inclusive: boolean): RangeBound {
  return { fields, values, inclusive };
}

/** No two documents have one `_creationTime`, so what follows it says nothing more. */
function printBound({ fields, values }: Bound, sign: string): string {
  const time = fields.indexOf("_creationTime");
  const shown = time === -1 ? fields : fields.slice(0, time + 1);
  const literals = shown.map((_, i) => printLiteral(values[i]));
  if (shown.length === 1) return `${shown[0]} ${sign} ${literals[0]}`;
  return `(${shown.join(", ")}) ${sign} (${literals.join(", ")})`;
}

export function documentReport(id: string, table: TablePlan | undefined): DocumentRead {
  const place = table === undefined ? { component: "", table: "" } : placeOf(table);
  const name = table === undefined ? "(no such table)" : printPlace(table);
  return { kind: "document", ...place, id, text: `${name}.by_id: _id = ${printLiteral(id)}` };
}

export function searchReport(search: SearchRead): TextSearchRead {
  const { table } = search;
  const words = [...search.keys].map((key) =>
    key.startsWith("^") ? `${key.slice(1)}*` : key.slice(1),
  );
  const filters = decodeKey(search.bucket).values.map(printLiteral);
  const where = filters.length === 0 ? "" : `, filtered by ${filters.join(", ")}`;
  const text = `${printPlace(table)}: text search for any of ${words.join(", ")}${where}`;
  return { kind: "search", ...placeOf(table), text };
}

/** @param key as `tableKey` makes it */
export function missingTableReport(key: string): MissingTableRead {
  const [component = "", table = ""] = key.split("\0");
  const text = `${printPlace({ component, name: table })}: the table does not exist`;
  return { kind: "missingTable", component, table, text };
}

function placeOf({ component, name }: TablePlan) {
  return { component, table: name };
}

/** A table's name, behind its component's if that is not the app. */
export function printPlace({ component, name }: { component: string; name: string }): string {
  return component === "" ? name : `${component}:${name}`;
}
