/**
 * A page of a table's documents in the order of an index: within a range of it, and of those the ones
 * that match filters. Live like any query: it has read the interval it has looked through.
 *
 * However large the table, it looks through a bounded number of documents and gives a bounded number
 * of bytes; where it stopped is the cursor to go on from.
 */
import type { Document, DocumentVersion } from "../../db/document";
import { fieldReader, type IndexPlan } from "../../db/index-plan";
import { compileRange } from "../../db/index-range";
import type { KeyRange } from "../../db/key-range";
import { copyOut } from "../../db/query";
import type { TablePlan } from "../../db/table-plan";
import type { Rows } from "../../db/table-store";
import type { Transaction } from "../../db/transaction";
import type { RangeExpression } from "../../server/index-range-builder";
import { userError } from "../../shared/errors";
import { compareValues } from "../../values/compare";
import { v } from "../../values/v";
import type { Value } from "../../values/value";
import { systemQuery } from "./system-function";

const MAX_ROWS = 200;
const MAX_SCANNED = 5000;
const MAX_BYTES = 4 << 20;
const CHUNK = 256;

const comparison = (...ops: [string, ...string[]]) =>
  v.object({
    field: v.string(),
    op: v.union(...ops.map((op) => v.literal(op))),
    /** Absent: a field that is not there. */
    value: v.optional(v.any()),
  });

interface Comparison {
  readonly field: string;
  readonly op: string;
  readonly value?: Value;
}

interface Wanted {
  readonly index: IndexPlan;
  readonly range: KeyRange;
  readonly prefix: string;
  readonly reversed: boolean;
  readonly limit: number;
  readonly filters: readonly Comparison[];
}

interface Page {
  rows: Document[];
  /** Documents looked through. */
  scanned: number;
  /** The key of the last one; `null` when there are no more after it. */
  next: string | null;
}

export const rows = systemQuery(
  "rows",
  {
    component: v.string(),
    table: v.string(),
    index: v.string(),
    order: v.union(v.literal("asc"), v.literal("desc")),
    range: v.array(comparison("eq", "gt", "gte", "lt", "lte")),
    filters: v.array(comparison("eq", "neq", "gt", "gte", "lt", "lte", "contains")),
    after: v.union(v.null(), v.string()),
    limit: v.number(),
  },
  (tx, { component, table, index: name, order, range, filters, after, limit }): Page => {
    const plan = tx.table(component, table);
    if (plan === undefined || plan.visibility === "private") {
      return { rows: [], scanned: 0, next: null };
    }
    const index = indexNamed(plan, name);
    const whole = compileRange(index, range.map(rangeExpression));
    return readPage(tx, {
      index,
      prefix: whole.prefix,
      range: after === null ? whole.range : rest(whole.range, after, order === "desc"),
      reversed: order === "desc",
      limit: Math.min(Math.max(1, Math.floor(limit)), MAX_ROWS),
      filters,
    });
  },
);

function indexNamed(plan: TablePlan, name: string): IndexPlan {
  const index = plan.ordered.find((each) => each.name === name && !each.staged);
  if (index !== undefined) return index;
  throw userError("IndexInvalid", `Index ${plan.name}.${name} not found.`, { table: plan.name });
}

const TYPES = { eq: "Eq", gt: "Gt", gte: "Gte", lt: "Lt", lte: "Lte" } as const;

function rangeExpression({ field, op, value }: Comparison): RangeExpression {
  return { type: TYPES[op as keyof typeof TYPES], fieldPath: field, value };
}

/** What of `range` comes after `key`. */
function rest({ lower, upper }: KeyRange, key: string, reversed: boolean): KeyRange {
  if (reversed) return { lower, upper: key < upper ? key : upper };
  const next = `${key}\0`;
  return { lower: next > lower ? next : lower, upper };
}

/** Looks one document ahead, to know whether there is one. */
function readPage(tx: Transaction, wanted: Wanted): Page {
  const { index, range, prefix, reversed, limit, filters } = wanted;
  const page: Page = { rows: [], scanned: 0, next: null };
  let bytes = 0;
  let last: string | null = null;
  for (const [key, version] of entriesOf(tx, wanted)) {
    if (page.rows.length === limit || page.scanned === MAX_SCANNED || bytes > MAX_BYTES) {
      tx.consume(index, range, prefix, reversed, key);
      return { ...page, next: last };
    }
    last = key;
    page.scanned += 1;
    if (!filters.every((filter) => matches(version.document, filter))) continue;
    bytes += version.size;
    page.rows.push(copyOut(version, index.table));
  }
  tx.consume(index, range, prefix, reversed, undefined);
  return page;
}

function* entriesOf(
  tx: Transaction,
  { index, range, reversed }: Wanted,
): Generator<[key: string, version: DocumentVersion]> {
  let remaining = range;
  for (let isWhole = false; !isWhole; ) {
    const { keys, versions }: Rows = { keys: [], versions: [] };
    isWhole = tx.peekRows(index, remaining, reversed, CHUNK, { keys, versions });
    for (const [i, key] of keys.entries()) yield [key, versions[i] as DocumentVersion];
    const last = keys.at(-1);
    if (last !== undefined) remaining = rest(remaining, last, reversed);
  }
}

function matches(document: Document, { field, op, value }: Comparison): boolean {
  const found = fieldReader(field)(document);
  if (op === "contains") return contains(found, value);
  const order = compareValues(found, value);
  switch (op) {
    case "eq":
      return order === 0;
    case "neq":
      return order !== 0;
    case "gt":
      return order > 0;
    case "gte":
      return order >= 0;
    case "lt":
      return order < 0;
    default:
      return order <= 0;
  }
}

/** Texts that hold a text in whatever case, and lists that hold a value. */
function contains(found: Value | undefined, value: Value | undefined): boolean {
  if (typeof found === "string") {
    return typeof value === "string" && found.toLowerCase().includes(value.toLowerCase());
  }
  return Array.isArray(found) && found.some((each) => compareValues(each, value) === 0);
}
