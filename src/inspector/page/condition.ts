/** Conditions on fields, and which of them an index can answer. */
import type { Value } from "../../values/value";

export const OPERATORS = {
  eq: "=",
  neq: "≠",
  gt: ">",
  gte: "≥",
  lt: "<",
  lte: "≤",
  contains: "contains",
} as const;
export type Operator = keyof typeof OPERATORS;

export interface Condition {
  readonly field: string;
  readonly op: Operator;
  /** `undefined`: a field that is not there. */
  readonly value: Value | undefined;
}

export interface SplitConditions {
  /** What the index is asked for. */
  readonly range: readonly Condition[];
  /** What is looked at document by document. */
  readonly filters: readonly Condition[];
}

const LOWER = new Set<Operator>(["gt", "gte"]);
const UPPER = new Set<Operator>(["lt", "lte"]);

/** Equalities on the first fields of the index, then one lower and one upper bound on the next. */
export function splitConditions(
  conditions: readonly Condition[],
  indexFields: readonly string[],
): SplitConditions {
  const range: Condition[] = [];
  for (const field of indexFields) {
    const on = conditions.filter((each) => each.field === field);
    const equal = on.find(({ op }) => op === "eq");
    if (equal !== undefined) {
      range.push(equal);
      continue;
    }
    const lower = on.find(({ op }) => LOWER.has(op));
    const upper = on.find(({ op }) => UPPER.has(op));
    range.push(...[lower, upper].filter((each) => each !== undefined));
    break;
  }
  return { range, filters: conditions.filter((each) => !range.includes(each)) };
}
