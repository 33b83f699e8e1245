/** A query plan as the chain of calls that made it. */
import type { QueryOperator, QueryPlan, QuerySource } from "../db/query-plan";
import type { FilterTree } from "../server/filter-builder";
import type { RangeExpression } from "../server/index-range-builder";
import { printLiteral } from "./print-literal";

/** @example `query("messages").withIndex("by_channel", (q) => q.eq("channel", "general"))` */
export function printQuery({ source, order, operators }: QueryPlan): string {
  const ordered = order === undefined ? "" : `.order(${JSON.stringify(order)})`;
  return `query(${JSON.stringify(source.table)})${printSource(source)}${ordered}${operators.map(printOperator).join("")}`;
}

/** `.withIndex("by_channel", (q) => q.eq("channel", "general"))` */
export function printWithIndex(index: string, range: readonly RangeExpression[]): string {
  const calls = range.map(
    ({ type, fieldPath, value }) =>
      `.${type.toLowerCase()}(${JSON.stringify(fieldPath)}, ${printLiteral(value)})`,
  );
  const callback = calls.length === 0 ? "" : `, (q) => q${calls.join("")}`;
  return `.withIndex(${JSON.stringify(index)}${callback})`;
}

function printSource(source: QuerySource): string {
  if (source.type === "FullTableScan") return "";
  if (source.type === "IndexRange") return printWithIndex(source.index, source.range);
  const calls = source.filters.map(
    ({ type, fieldPath, value }) =>
      `.${type.toLowerCase()}(${JSON.stringify(fieldPath)}, ${printLiteral(value)})`,
  );
  return `.withSearchIndex(${JSON.stringify(source.index)}, (q) => q${calls.join("")})`;
}

function printOperator(operator: QueryOperator): string {
  return "filter" in operator
    ? `.filter((q) => ${printFilter(operator.filter)})`
    : `.limit(${operator.limit})`;
}

function printFilter(tree: FilterTree): string {
  if ("$literal" in tree) return printLiteral(tree.$literal);
  if ("$field" in tree) return `q.field(${JSON.stringify(tree.$field)})`;
  const [operator, operands] = Object.entries(tree)[0] as [string, FilterTree | FilterTree[]];
  return `q.${operator.slice(1)}(${[operands].flat().map(printFilter).join(", ")})`;
}
