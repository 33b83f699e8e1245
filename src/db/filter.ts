/** Filter expressions, compiled to closures over a document (engine.md 5.5). */
import type { BinaryOperator, FilterTree } from "../server/filter-builder";
import { must } from "../shared/assert";
import { userError } from "../shared/errors";
import { compareValues, valuesEqual } from "../values/compare";
import { identifierProblem } from "../values/identifier";
import { printValue } from "../values/print";
import { isArrayBuffer, type Value } from "../values/value";
import type { Document } from "./document";
import { fieldReader } from "./index-plan";

type Operand = Value | undefined;
type Evaluate = (document: Document) => Operand;

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;

/**
 * A predicate over documents. Malformed paths throw here; everything else is raised per document
 * (short code EvalError). Cost: one closure call an operator.
 */
export function compileFilter(expression: FilterTree): (document: Document) => boolean {
  const evaluate = compile(expression);
  return (document) => asBoolean(evaluate(document));
}

const comparisons: { [Operator in BinaryOperator]?: (a: Operand, b: Operand) => boolean } = {
  $eq: valuesEqual,
  $neq: (a, b) => !valuesEqual(a, b),
  $lt: (a, b) => compareValues(a, b) < 0,
  $lte: (a, b) => compareValues(a, b) <= 0,
  $gt: (a, b) => compareValues(a, b) > 0,
  $gte: (a, b) => compareValues(a, b) >= 0,
};

interface Arithmetic {
  readonly verb: string;
  readonly ints: (a: bigint, b: bigint) => bigint;
  readonly floats: (a: number, b: number) => number;
}

const arithmetic: { [Operator in BinaryOperator]?: Arithmetic } = {
  $add: { verb: "add", ints: (a, b) => a + b, floats: (a, b) => a + b },
  $sub: { verb: "subtract", ints: (a, b) => a - b, floats: (a, b) => a - b },
  $mul: { verb: "multiply", ints: (a, b) => a * b, floats: (a, b) => a * b },
  $div: { verb: "divide", ints: (a, b) => a / b, floats: (a, b) => a / b },
  $mod: { verb: "mod", ints: (a, b) => a % b, floats: (a, b) => a % b },
};

function compile(tree: FilterTree): Evaluate {
  if ("$field" in tree) return compileField(tree.$field);
  if ("$literal" in tree) return literal(tree.$literal);
  if ("$and" in tree) return compileAnd(tree.$and);
  if ("$or" in tree) return compileOr(tree.$or);
  if ("$not" in tree) return compileNot(tree.$not);
  if ("$neg" in tree) return compileNegation(tree.$neg);
  return compilePair(tree);
}

/** Comparisons and arithmetic: the operators with two operands. */
function compilePair(tree: object): Evaluate {
  const [operator, operands] = Object.entries(tree)[0] as [
    BinaryOperator,
    [FilterTree, FilterTree],
  ];
  const left = compile(operands[0]);
  const right = compile(operands[1]);
  const compare = comparisons[operator];
  if (compare !== undefined) return (document) => compare(left(document), right(document));
  const calculation = must(arithmetic[operator], `unknown filter operator ${operator}`);
  return (document) => calculate(calculation, left(document), right(document));
}

function literal(value: Operand): Evaluate {
  return () => value;
}

function compileField(path: string): Evaluate {
  for (const segment of path.split(".")) {
    const problem = identifierProblem(segment);
    if (problem === undefined) continue;
    throw userError("QueryInvalid", `Invalid argument \`query\` for \`queryStream\`: ${problem}`, {
      path,
    });
  }
  return fieldReader(path);
}

function compileAnd(operands: readonly FilterTree[]): Evaluate {
  const conditions = operands.map(compile);
  return (document) => conditions.every((condition) => asBoolean(condition(document)));
}

function compileOr(operands: readonly FilterTree[]): Evaluate {
  const conditions = operands.map(compile);
  return (document) => conditions.some((condition) => asBoolean(condition(document)));
}

function compileNot(operand: FilterTree): Evaluate {
  const condition = compile(operand);
  return (document) => !asBoolean(condition(document));
}

function compileNegation(operand: FilterTree): Evaluate {
  const evaluate = compile(operand);
  return (document) => {
    const value = evaluate(document);
    if (typeof value === "number") return -value;
    if (typeof value !== "bigint") throw evalError(`Cannot negate ${print(value)}`);
    if (value === INT_MIN) {
      throw evalError(`Cannot negate ${print(value)}: the result is out of range for Int64`);
    }
    return -value;
  };
}

function calculate({ verb, ints, floats }: Arithmetic, a: Operand, b: Operand): Value {
  if (typeof a === "number" && typeof b === "number") return floats(a, b);
  if (typeof a !== "bigint" || typeof b !== "bigint") {
    throw evalError(`Cannot ${verb} ${print(a)} and ${print(b)}`);
  }
  if (b === 0n && (verb === "divide" || verb === "mod")) {
    throw evalError(`Cannot divide ${printValue(a)} by zero`);
  }
  const result = ints(a, b);
  // The remainder itself would fit, but Int64 division overflows on the way to it.
  const overflows = verb === "mod" && a === INT_MIN && b === -1n;
  if (result >= INT_MIN && result <= INT_MAX && !overflows) return result;
  throw evalError(
    `Cannot ${verb} ${printValue(a)} and ${printValue(b)}: the result is out of range for Int64`,
  );
}

function asBoolean(value: Operand): boolean {
  if (typeof value === "boolean") return value;
  const printed = value === undefined ? "undefined" : printValue(value);
  throw evalError(`Cannot use value ${printed} (type ${typeName(value)}) as a Boolean`);
}

function print(value: Operand): string {
  return `${value === undefined ? "undefined" : printValue(value)} (type ${typeName(value)})`;
}

function typeName(value: Operand): string {
  if (value === undefined) return "undefined";
  if (value === null) return "Null";
  if (Array.isArray(value)) return "Array";
  if (isArrayBuffer(value)) return "Bytes";
  const names: Record<string, string> = {
    bigint: "Int64",
    number: "Float64",
    boolean: "Boolean",
    string: "String",
  };
  return names[typeof value] ?? "Object";
}

function evalError(message: string) {
  return userError("EvalError", message);
}
