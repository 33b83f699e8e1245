// Filter expressions against a naive evaluator that knows the texts of every failure.

import { describe, expect, it } from "vitest";
import type { Document } from "../../src/db/document";
import { compileFilter } from "../../src/db/filter";
import type { FilterTree } from "../../src/server/filter-builder";
import { compareValues } from "../../src/values/compare";
import { printValue } from "../../src/values/print";
import type { Value } from "../../src/values/value";
import { randomField, randomValue } from "../model/random-values";
import { readPath } from "../model/read-path";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { failureOf } from "./message-of";

type Operand = Value | undefined;

const document = (fields: Record<string, Value>) =>
  ({ _id: "x", _creationTime: 1, ...fields }) as Document;
const field = (path: string): FilterTree => ({ $field: path }) as FilterTree;
const literal = (value: Operand): FilterTree => ({ $literal: value }) as FilterTree;
const pair = (operator: string, a: Operand, b: Operand) =>
  ({ [operator]: [literal(a), literal(b)] }) as unknown as FilterTree;
const accepts = (tree: FilterTree, fields: Record<string, Value> = {}) =>
  compileFilter(tree)(document(fields));
/** What `tree` evaluates to is told by comparing it. */
const computes = (tree: FilterTree, value: Operand) =>
  accepts({ $eq: [tree, literal(value)] } as FilterTree);

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

describe("a comparison", () => {
  it("[FLT1] follows the order of values, a missing field lowest", () => {
    const lower = (a: Operand, b: Operand) => accepts(pair("$lt", a, b));
    expect(accepts({ $lt: [field("gone"), literal(5)] } as FilterTree)).toBe(true);
    expect(accepts({ $eq: [field("gone"), literal(undefined)] } as FilterTree)).toBe(true);
    expect(accepts({ $eq: [field("a.b"), literal(undefined)] } as FilterTree, { a: [1] })).toBe(
      true,
    );
    expect([lower(null, 1n), lower(5n, -1), lower(1, false), lower("z", [])]).not.toContain(false);
    expect(accepts(pair("$eq", 1, 1n))).toBe(false);
    expect(accepts(pair("$eq", Number.NaN, Number.NaN))).toBe(true);
    expect(accepts(pair("$neq", 0, -0))).toBe(true);
  });
});

describe("arithmetic", () => {
  it("[FLT2] is that of Int64 or of Float64", () => {
    expect(computes(pair("$add", 1n, 2n), 3n)).toBe(true);
    expect(computes(pair("$sub", MIN + 1n, 1n), MIN)).toBe(true);
    expect(computes(pair("$mul", 3n, -4n), -12n)).toBe(true);
    expect(computes(pair("$div", -7n, 2n), -3n)).toBe(true);
    expect(computes(pair("$mod", -7n, 2n), -1n)).toBe(true);
    expect(computes(pair("$mod", -7.5, 2), -1.5)).toBe(true);
    expect(computes(pair("$div", 1, 0), Number.POSITIVE_INFINITY)).toBe(true);
    expect(computes(pair("$mod", 1, 0), Number.NaN)).toBe(true);
    expect(computes({ $neg: literal(0) } as FilterTree, -0)).toBe(true);
    expect(computes({ $neg: literal(MAX) } as FilterTree, -MAX)).toBe(true);
  });

  const failures: [FilterTree, string][] = [
    [pair("$add", 1n, 2), "Cannot add 1 (type Int64) and 2.0 (type Float64)"],
    [pair("$sub", "a", null), 'Cannot subtract "a" (type String) and null (type Null)'],
    [pair("$mul", true, []), "Cannot multiply true (type Boolean) and [] (type Array)"],
    [pair("$div", {}, undefined), "Cannot divide {} (type Object) and undefined (type undefined)"],
    [
      pair("$mod", new Uint8Array([1]).buffer, 1n),
      'Cannot mod b"AQ==" (type Bytes) and 1 (type Int64)',
    ],
    [pair("$add", MAX, 1n), `Cannot add ${MAX} and 1: the result is out of range for Int64`],
    [pair("$sub", MIN, 1n), `Cannot subtract ${MIN} and 1: the result is out of range for Int64`],
    [pair("$mul", MIN, -1n), `Cannot multiply ${MIN} and -1: the result is out of range for Int64`],
    [pair("$div", MIN, -1n), `Cannot divide ${MIN} and -1: the result is out of range for Int64`],
    [pair("$mod", MIN, -1n), `Cannot mod ${MIN} and -1: the result is out of range for Int64`],
    [pair("$div", 7n, 0n), "Cannot divide 7 by zero"],
    [pair("$mod", 7n, 0n), "Cannot divide 7 by zero"],
    [{ $neg: literal("x") } as FilterTree, 'Cannot negate "x" (type String)'],
    [{ $neg: literal(undefined) } as FilterTree, "Cannot negate undefined (type undefined)"],
    [
      { $neg: literal(MIN) } as FilterTree,
      `Cannot negate ${MIN} (type Int64): the result is out of range for Int64`,
    ],
  ];
  const named = failures.map(([tree, message]) => [message, tree] as const);
  it.each(named)("[FLT3] fails where there is no result: %s", (message, tree) => {
    const evaluate = () => accepts({ $eq: [tree, literal(1)] } as FilterTree);
    expect(failureOf(evaluate)).toEqual({ code: "EvalError", message });
  });
});

describe("logic", () => {
  const yes = literal(true);
  const no = literal(false);

  it("[FLT4] takes booleans only, and stops as soon as the answer is known", () => {
    const bad = literal(1);
    const text = "Cannot use value 1.0 (type Float64) as a Boolean";
    expect(accepts({ $and: [] } as FilterTree)).toBe(true);
    expect(accepts({ $or: [] } as FilterTree)).toBe(false);
    expect(accepts({ $and: [no, bad] } as FilterTree)).toBe(false);
    expect(accepts({ $or: [yes, bad] } as FilterTree)).toBe(true);
    for (const tree of [
      { $and: [yes, bad] },
      { $or: [no, bad] },
      { $not: bad },
      bad,
    ] as FilterTree[]) {
      expect(failureOf(() => accepts(tree))).toEqual({ code: "EvalError", message: text });
    }
    expect(failureOf(() => accepts(field("gone"))).message).toBe(
      "Cannot use value undefined (type undefined) as a Boolean",
    );
  });

  it("[FLT5] knows only well-formed paths, which it checks before any document", () => {
    const text = (path: string) => failureOf(() => compileFilter(field(path))).message;
    expect(text("a-b")).toMatch(/^Invalid argument `query` for `queryStream`: Identifier a-b has/);
    expect(text("")).toBe("Invalid argument `query` for `queryStream`: Identifier cannot be empty");
    expect(text("a.1")).toMatch(/Invalid first character '1' in 1/);
    expect(() => compileFilter(field("_id"))).not.toThrow();
  });
});

describe("any expression", () => {
  it("[FLT6] evaluates as its parts say, failures included", async () => {
    await forEachSeed(seeds("filter", 30), (choices) => {
      for (let i = 0; i < 150; i++) {
        const tree = randomTree(choices, 3);
        const subject = document({
          a: randomValue(choices, 1),
          b: choices.chance(0.5),
          c: { d: choices.pick<Value>([1n, 2, true]) },
        });
        expect(outcomeOf(() => compileFilter(tree)(subject))).toEqual(
          outcomeOf(() => boolean(evaluate(tree, subject))),
        );
      }
    });
  });
});

function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as Error).message;
  }
}

function randomTree(choices: Choices, depth: number): FilterTree {
  const inner = () => randomTree(choices, depth - 1);
  const dice = depth === 0 ? choices.below(2) : choices.below(9);
  if (dice === 0)
    return literal(choices.chance(0.6) ? smallValue(choices) : randomField(choices, 1));
  if (dice === 1) return field(choices.pick(["a", "b", "c", "c.d", "gone", "a.b", "_id"]));
  if (dice < 4) {
    const operator = choices.pick(["$eq", "$neq", "$lt", "$lte", "$gt", "$gte"]);
    return { [operator]: [inner(), inner()] } as unknown as FilterTree;
  }
  if (dice < 6) {
    const operator = choices.pick(["$add", "$sub", "$mul", "$div", "$mod"]);
    return { [operator]: [inner(), inner()] } as unknown as FilterTree;
  }
  if (dice === 6) return { [choices.pick(["$not", "$neg"])]: inner() } as unknown as FilterTree;
  const operator = choices.pick(["$and", "$or"]);
  return { [operator]: choices.list(4, inner) } as unknown as FilterTree;
}

function smallValue(choices: Choices): Value {
  return choices.pick<Value>([true, false, true, false, 1n, 0n, 2n, MAX, MIN, -1n, 1, 0, 2.5]);
}

const VERBS: Record<string, string> = {
  $add: "add",
  $sub: "subtract",
  $mul: "multiply",
  $div: "divide",
  $mod: "mod",
};

function evaluate(tree: FilterTree, document: Document): Operand {
  const [operator, operand] = Object.entries(tree)[0] as [string, unknown];
  if (operator === "$literal") return operand as Operand;
  if (operator === "$field") return readPath(document, operand as string);
  if (operator === "$not") return !boolean(evaluate(operand as FilterTree, document));
  if (operator === "$neg") return negate(evaluate(operand as FilterTree, document));
  const operands = operand as FilterTree[];
  if (operator === "$and") return operands.every((each) => boolean(evaluate(each, document)));
  if (operator === "$or") return operands.some((each) => boolean(evaluate(each, document)));
  const [a, b] = operands.map((each) => evaluate(each, document));
  const verb = VERBS[operator];
  return verb === undefined ? compare(operator, a, b) : calculate(verb, a, b);
}

function compare(operator: string, a: Operand, b: Operand): boolean {
  const order = compareValues(a, b);
  const answers: Record<string, boolean> = {
    $eq: order === 0,
    $neq: order !== 0,
    $lt: order < 0,
    $lte: order <= 0,
    $gt: order > 0,
    $gte: order >= 0,
  };
  return answers[operator] as boolean;
}

function calculate(verb: string, a: Operand, b: Operand): Value {
  if (typeof a === "number" && typeof b === "number") return floats(verb, a, b);
  if (typeof a !== "bigint" || typeof b !== "bigint") {
    throw new Error(`Cannot ${verb} ${told(a)} and ${told(b)}`);
  }
  if ((verb === "divide" || verb === "mod") && b === 0n) {
    throw new Error(`Cannot divide ${a} by zero`);
  }
  const quotient = b === 0n ? 0n : a / b;
  const results = {
    add: a + b,
    subtract: a - b,
    multiply: a * b,
    divide: quotient,
    mod: a - quotient * b,
  };
  const result = results[verb as "add"];
  const isFine = BigInt.asIntN(64, result) === result && (verb !== "mod" || a !== MIN || b !== -1n);
  if (!isFine) {
    throw new Error(`Cannot ${verb} ${a} and ${b}: the result is out of range for Int64`);
  }
  return result;
}

function floats(verb: string, a: number, b: number): number {
  return { add: a + b, subtract: a - b, multiply: a * b, divide: a / b, mod: a % b }[
    verb
  ] as number;
}

function negate(value: Operand): Value {
  if (typeof value === "number") return -value;
  if (typeof value !== "bigint") throw new Error(`Cannot negate ${told(value)}`);
  if (value !== MIN) return -value;
  throw new Error(`Cannot negate ${told(value)}: the result is out of range for Int64`);
}

function boolean(value: Operand): boolean {
  if (typeof value === "boolean") return value;
  throw new Error(`Cannot use value ${told(value)} as a Boolean`);
}

function told(value: Operand): string {
  const text = value === undefined ? "undefined" : printValue(value);
  const types = { undefined: "undefined", bigint: "Int64", number: "Float64" };
  const more = { boolean: "Boolean", string: "String", object: "Object" };
  const plain = { ...types, ...more }[typeof value as "number"];
  const special = [
    [value === null, "Null"],
    [Array.isArray(value), "Array"],
    [value instanceof ArrayBuffer, "Bytes"],
  ].find(([holds]) => holds)?.[1];
  return `${text} (type ${special ?? plain})`;
}
