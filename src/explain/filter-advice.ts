/**
 * Which index would do what a `.filter` does? Only conditions that an index range says just as well:
 * a field compared with a constant, joined by `and`. What an index cannot serve is not guessed at.
 */
import type { IndexPlan } from "../db/index-plan";
import type { QueryPlan } from "../db/query-plan";
import type { TablePlan } from "../db/table-plan";
import type { FilterTree } from "../server/filter-builder";
import type { RangeExpression } from "../server/index-range-builder";
import type { Value } from "../values/value";
import { printWithIndex } from "./print-query";

export interface IndexAdvice {
  /** The line to add to the table's definition; absent when such an index is there already. */
  readonly index?: string;
  /** What to write in the query instead of the conditions that it serves. */
  readonly withIndex: string;
  /** Whether it serves all conditions, so that nothing else would be read. */
  readonly isWhole: boolean;
}

type Condition = RangeExpression;

/** A range, in the order of the index's fields: equalities, then bounds of one more field. */
interface WantedRange {
  readonly equal: readonly Condition[];
  readonly bounds: readonly Condition[];
}

/** `undefined` when no index can serve any of the filter's conditions. */
export function adviseIndex(plan: QueryPlan, table: TablePlan): IndexAdvice | undefined {
  const { source, operators } = plan;
  // Rows behind a limit are others than those that pass the filter.
  const isCut = operators.some((operator) => "limit" in operator);
  if (source.type === "Search" || isCut) return undefined;
  const conditions = operators.flatMap((operator) =>
    "filter" in operator ? conjunctsOf(operator.filter) : [],
  );
  const usable = conditions.filter((condition) => condition !== undefined);
  const base = source.type === "IndexRange" ? source.range : [];
  const wanted = rangeOf(base, usable);
  const served = wanted.equal.length + wanted.bounds.length - base.length;
  if (served === 0) return undefined;
  const isWhole = served === conditions.length;
  const existing = [...table.indexes.values()].find((index) => answers(index, wanted));
  if (existing !== undefined) return { withIndex: printFor(existing, wanted), isWhole };
  const fields = newFields(wanted);
  const name = nameFor(fields, table);
  const range = [...wanted.equal, ...wanted.bounds];
  return {
    index: `.index(${JSON.stringify(name)}, ${JSON.stringify(fields).replaceAll(",", ", ")})`,
    withIndex: printWithIndex(name, range),
    isWhole,
  };
}

/** The conditions that must all hold; `undefined` stands for one that is no comparison with a constant. */
function conjunctsOf(tree: FilterTree): (Condition | undefined)[] {
  if ("$and" in tree) return tree.$and.flatMap(conjunctsOf);
  const [operator, operands] = Object.entries(tree)[0] as [string, readonly FilterTree[]];
  const comparison = COMPARISONS[operator];
  if (comparison === undefined) return [undefined];
  const [left, right] = operands as readonly [FilterTree, FilterTree];
  if ("$field" in left && "$literal" in right) {
    return [condition(comparison.type, left.$field, right.$literal)];
  }
  if ("$literal" in left && "$field" in right) {
    return [condition(comparison.mirrored, right.$field, left.$literal)];
  }
  return [undefined];
}

const COMPARISONS: Readonly<
  Record<string, { readonly type: Condition["type"]; readonly mirrored: Condition["type"] }>
> = {
  $eq: { type: "Eq", mirrored: "Eq" },
  $gt: { type: "Gt", mirrored: "Lt" },
  $gte: { type: "Gte", mirrored: "Lte" },
  $lt: { type: "Lt", mirrored: "Gt" },
  $lte: { type: "Lte", mirrored: "Gte" },
};

/** Ids are got, not looked for; a creation time can only come last, as a bound. */
function condition(
  type: Condition["type"],
  fieldPath: string,
  value: Value | undefined,
): Condition | undefined {
  const isSystem = fieldPath === "_id" || (fieldPath === "_creationTime" && type === "Eq");
  return isSystem ? undefined : { type, fieldPath, value };
}

/** What the query's own range and the filter's conditions say together, as far as one range can. */
function rangeOf(base: readonly Condition[], conditions: readonly Condition[]): WantedRange {
  const ownBounds = base.filter(({ type }) => type !== "Eq");
  const equal = base.filter(({ type }) => type === "Eq");
  const taken = new Set(base.map(({ fieldPath }) => fieldPath));
  for (const each of conditions) {
    if (each.type !== "Eq" || taken.has(each.fieldPath)) continue;
    equal.push(each);
    taken.add(each.fieldPath);
  }
  if (ownBounds.length > 0) return { equal, bounds: ownBounds };
  const free = conditions.filter(({ type, fieldPath }) => type !== "Eq" && !taken.has(fieldPath));
  const field = free[0]?.fieldPath;
  const lower = free.find((each) => each.fieldPath === field && each.type.startsWith("G"));
  const upper = free.find((each) => each.fieldPath === field && each.type.startsWith("L"));
  return { equal, bounds: [lower, upper].filter((bound) => bound !== undefined) };
}

function answers({ fields, staged }: IndexPlan, { equal, bounds }: WantedRange): boolean {
  const first = new Set(fields.slice(0, equal.length));
  const isEqual = equal.every(({ fieldPath }) => first.has(fieldPath));
  const [bound] = bounds;
  return !staged && isEqual && (bound === undefined || fields[equal.length] === bound.fieldPath);
}

function printFor({ name, fields }: IndexPlan, { equal, bounds }: WantedRange): string {
  const position = ({ fieldPath }: Condition) => fields.indexOf(fieldPath);
  const sorted = [...equal].sort((a, b) => position(a) - position(b));
  return printWithIndex(name, [...sorted, ...bounds]);
}

/** Every index has `_creationTime` at its end anyway. */
function newFields({ equal, bounds }: WantedRange): string[] {
  const fields = [...equal, ...bounds.slice(0, 1)].map(({ fieldPath }) => fieldPath);
  return fields.filter((field) => field !== "_creationTime");
}

const LONGEST_NAME = 64;

function nameFor(fields: readonly string[], table: TablePlan): string {
  const name = `by_${fields.map((field) => field.replaceAll(".", "_")).join("_and_")}`;
  const short = name.slice(0, LONGEST_NAME - 2);
  const isTaken = (candidate: string) =>
    table.indexes.has(candidate) ||
    table.searchIndexes.has(candidate) ||
    table.vectorIndexes.has(candidate);
  return isTaken(short) ? `${short}_2` : short;
}
