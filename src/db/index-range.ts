/** From the comparisons of a `withIndex` range to an interval of keys (engine.md 5.4, 12.1). */
import type { RangeExpression } from "../server/index-range-builder";
import { userError } from "../shared/errors";
import { printValue } from "../values/print";
import { after, encodeKeyPart } from "./index-key";
import type { IndexPlan } from "./index-plan";
import { ALL_KEYS, type KeyRange } from "./key-range";

/** The interval, and the equality prefix all its keys start with. */
export interface CompiledRange {
  readonly range: KeyRange;
  readonly prefix: string;
}

const WHOLE_INDEX: CompiledRange = { range: ALL_KEYS, prefix: "" };
const MORE = "https://docs.convex.dev/using/indexes";

interface Bounds {
  readonly equal: Map<string, RangeExpression>;
  lower: RangeExpression | undefined;
  upper: RangeExpression | undefined;
}

/**
 * The keys of `index` that satisfy all of `expressions`.
 * Throws Convex's error for ranges the index cannot answer. Cost: O(length of the values).
 */
export function compileRange(
  index: IndexPlan,
  expressions: readonly RangeExpression[],
): CompiledRange {
  if (expressions.length === 0) return WHOLE_INDEX;
  const bounds = sortBounds(index, expressions);
  const inequality = (bounds.lower ?? bounds.upper)?.fieldPath;
  checkFields(index, [...bounds.equal.keys()], inequality);
  let prefix = "";
  for (const field of index.fields.slice(0, bounds.equal.size)) {
    prefix += encodeKeyPart(bounds.equal.get(field)?.value);
  }
  const range = {
    lower: lowerKey(prefix, bounds.lower),
    upper: upperKey(prefix, bounds.upper),
  };
  return { range: range.lower <= range.upper ? range : { lower: prefix, upper: prefix }, prefix };
}

function lowerKey(prefix: string, bound: RangeExpression | undefined): string {
  if (bound === undefined) return prefix;
  const key = prefix + encodeKeyPart(bound.value);
  return bound.type === "Gt" ? after(key) : key;
}

function upperKey(prefix: string, bound: RangeExpression | undefined): string {
  if (bound === undefined) return after(prefix);
  const key = prefix + encodeKeyPart(bound.value);
  return bound.type === "Lte" ? after(key) : key;
}

function sortBounds(index: IndexPlan, expressions: readonly RangeExpression[]): Bounds {
  const bounds: Bounds = { equal: new Map(), lower: undefined, upper: undefined };
  for (const expression of expressions) {
    if (expression.type === "Eq") addEquality(bounds, expression);
    else addInequality(index, bounds, expression);
  }
  for (const bound of [bounds.lower, bounds.upper]) {
    const equality = bound && bounds.equal.get(bound.fieldPath);
    if (equality !== undefined) {
      throw invalid(
        `Already defined inequality bound in index range. Can't add ${print(equality)}.`,
        index,
      );
    }
  }
  return bounds;
}

function addEquality(bounds: Bounds, expression: RangeExpression): void {
  const former = bounds.equal.get(expression.fieldPath);
  if (former !== undefined) {
    throw invalid(`Already defined equality bound in index range. Can't add ${print(former)}.`);
  }
  bounds.equal.set(expression.fieldPath, expression);
}

function addInequality(index: IndexPlan, bounds: Bounds, expression: RangeExpression): void {
  const side = expression.type === "Gt" || expression.type === "Gte" ? "lower" : "upper";
  if (bounds[side] !== undefined) {
    throw invalid(
      `Already defined ${side} bound in index range. Can't add ${print(expression)}.`,
      index,
    );
  }
  bounds[side] = expression;
  const { lower, upper } = bounds;
  if (lower !== undefined && upper !== undefined && lower.fieldPath !== upper.fieldPath) {
    throw invalid(
      `Upper and lower bounds in \`range\` can only be applied to a single index field. This query against index ${index.descriptor} attempted to set a range bound on both "${lower.fieldPath}" and "${upper.fieldPath}". Consider using \`filter\` instead. See ${MORE} for more info.`,
      index,
    );
  }
}

/** Equality fields in any order, then the inequality field, must be a prefix of the index. */
function checkFields(index: IndexPlan, equal: string[], inequality: string | undefined): void {
  const used = inequality === undefined ? equal : [...equal, inequality];
  for (const field of used) {
    if (index.fields.includes(field)) continue;
    const listed = quoteAll(index.fields.filter((indexed) => indexed !== "_id"));
    throw invalid(
      `The index range included a comparison with "${field}", but ${index.descriptor} with fields ${listed} doesn't index this field. For more information see ${MORE}.`,
      index,
    );
  }
  const position = (field: string) => index.fields.indexOf(field);
  const inOrder = [...equal].sort((a, b) => position(a) - position(b));
  if (inequality !== undefined) inOrder.push(inequality);
  const wrong = inOrder.find((field, i) => index.fields[i] !== field);
  if (wrong === undefined) return;
  throw invalid(
    `Tried to query index ${index.descriptor} but the query didn't use the index fields in order.\nIndex fields: ${quoteAll(index.fields.filter((indexed) => indexed !== "_id"))}\nQuery fields: ${quoteAll(inOrder)}\nFirst incorrect field: "${wrong}"\nFor more information see ${MORE}.`,
    index,
  );
}

function quoteAll(fields: readonly string[]): string {
  return `[${fields.map((field) => `"${field}"`).join(", ")}]`;
}

const SIGNS = { Eq: "==", Gt: ">", Gte: ">=", Lt: "<", Lte: "<=" } as const;

function print(expression: RangeExpression): string {
  const value = expression.value === undefined ? "undefined" : printValue(expression.value);
  return `"${expression.fieldPath}" ${SIGNS[expression.type]} ${value}`;
}

function invalid(message: string, index?: IndexPlan) {
  return userError("IndexInvalid", message, index && { index: index.descriptor });
}
