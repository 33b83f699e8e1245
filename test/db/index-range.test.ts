// Ranges of an index: every text, and the interval against a filter over all documents.

import { describe, expect, it } from "vitest";
import type { Document } from "../../src/db/document";
import { IndexPlan } from "../../src/db/index-plan";
import { compileRange } from "../../src/db/index-range";
import { isInRange } from "../../src/db/key-range";
import { TablePlan } from "../../src/db/table-plan";
import type { RangeExpression } from "../../src/server/index-range-builder";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { randomField } from "../model/random-values";
import { readPath } from "../model/read-path";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { failureOf } from "./message-of";

const table = new TablePlan({
  component: "",
  name: "t",
  number: 10_001,
  visibility: "user",
  createdSeq: 0,
});
const tail = ["_creationTime", "_id"];
const ab = new IndexPlan(table, "by_ab", ["a", "b", ...tail], 1);
const deep = new IndexPlan(table, "by_deep", ["deep.path", ...tail], 2);

const expression = (type: RangeExpression["type"], fieldPath: string, value: Value | undefined) =>
  ({ type, fieldPath, value }) as RangeExpression;
const eq = (field: string, value?: Value) => expression("Eq", field, value);
const gt = (field: string, value?: Value) => expression("Gt", field, value);
const gte = (field: string, value?: Value) => expression("Gte", field, value);
const lt = (field: string, value?: Value) => expression("Lt", field, value);
const lte = (field: string, value?: Value) => expression("Lte", field, value);

const more = "https://docs.convex.dev/using/indexes";

describe("a range that an index cannot answer", () => {
  const order = (fields: string, wrong: string) =>
    `Tried to query index t.by_ab but the query didn't use the index fields in order.\nIndex fields: ["a", "b", "_creationTime"]\nQuery fields: ${fields}\nFirst incorrect field: "${wrong}"\nFor more information see ${more}.`;
  const cases: [string, RangeExpression[], string][] = [
    [
      "two equalities on a field",
      [eq("a", 1), eq("a", 2)],
      'Already defined equality bound in index range. Can\'t add "a" == 1.0.',
    ],
    [
      "two lower bounds",
      [gt("a", 1), gte("a", 2)],
      'Already defined lower bound in index range. Can\'t add "a" >= 2.0.',
    ],
    [
      "two lower bounds, strict second",
      [gte("a", 1), gt("a", 2n)],
      'Already defined lower bound in index range. Can\'t add "a" > 2.',
    ],
    [
      "two upper bounds",
      [lt("a", 1), lte("a", "x")],
      'Already defined upper bound in index range. Can\'t add "a" <= "x".',
    ],
    [
      "two upper bounds, strict second",
      [lte("a", 1), lt("a", null)],
      'Already defined upper bound in index range. Can\'t add "a" < null.',
    ],
    [
      "an equality and a bound on one field",
      [eq("a", 1), gt("a", 0)],
      'Already defined inequality bound in index range. Can\'t add "a" == 1.0.',
    ],
    [
      "a bound and an equality on one field",
      [lt("a", 1), eq("a", undefined)],
      'Already defined inequality bound in index range. Can\'t add "a" == undefined.',
    ],
    [
      "bounds on two fields",
      [gt("a", 1), lt("b", 2)],
      `Upper and lower bounds in \`range\` can only be applied to a single index field. This query against index t.by_ab attempted to set a range bound on both "a" and "b". Consider using \`filter\` instead. See ${more} for more info.`,
    ],
    [
      "a field that is not indexed",
      [eq("c", 1)],
      `The index range included a comparison with "c", but t.by_ab with fields ["a", "b", "_creationTime"] doesn't index this field. For more information see ${more}.`,
    ],
    [
      "two such fields, the equality first",
      [gt("d", 1), eq("c", 1)],
      `The index range included a comparison with "c", but t.by_ab with fields ["a", "b", "_creationTime"] doesn't index this field. For more information see ${more}.`,
    ],
    ["a skipped field", [eq("b", 1)], order('["b"]', "b")],
    ["a bound behind a skipped field", [gt("b", 1)], order('["b"]', "b")],
    [
      "a gap in the middle",
      [eq("a", 1), eq("_creationTime", 1)],
      order('["a", "_creationTime"]', "_creationTime"),
    ],
    ["a gap before the bound", [eq("a", 1), gt("_id", "x")], order('["a", "_id"]', "_id")],
    ["a bound before the equality", [gt("a", 1), eq("b", 1)], order('["b", "a"]', "b")],
  ];

  it.each(cases)("[RNG1] %s", (_what, expressions, text) => {
    expect(failureOf(() => compileRange(ab, expressions))).toEqual({
      code: "IndexInvalid",
      message: text,
    });
  });

  it("[RNG1] a field of another index, in the words of a system index", () => {
    expect(() => compileRange(table.byCreationTime, [eq("a", 1)])).toThrow(
      `The index range included a comparison with "a", but t.by_creation_time with fields ["_creationTime"] doesn't index this field.`,
    );
  });
});

describe("a range of an index", () => {
  it("[RNG2] takes its expressions in any order, down to the id", () => {
    const parts = [eq("b", 2), eq("a", 1), eq("_creationTime", 3)];
    const whole = compileRange(ab, [...parts, eq("_id", "x")]);
    expect(whole.range.lower).toBe(whole.prefix);
    expect(compileRange(ab, [...parts].reverse())).toEqual(compileRange(ab, parts));
    expect(compileRange(ab, [lt("b", 5), eq("a", 1), gt("b", 1)])).toEqual(
      compileRange(ab, [gt("b", 1), lt("b", 5), eq("a", 1)]),
    );
    expect(compileRange(table.byId, [gt("_id", "x")]).prefix).toBe("");
  });

  it("[RNG3] that contradicts itself is empty", () => {
    for (const expressions of [
      [gt("a", 5), lt("a", 1)],
      [gt("a", 5), lte("a", 5)],
      [gte("a", 5), lt("a", 5)],
      [gt("a", 5), lt("a", 5)],
    ]) {
      const { range } = compileRange(ab, expressions);
      expect(range.lower >= range.upper).toBe(true);
    }
  });

  it("[RNG4] holds the documents that satisfy every expression, and no other", async () => {
    await forEachSeed(seeds("range", 20), (choices) => {
      const documents = Array.from({ length: 60 }, (_, i) => randomDocument(choices, i));
      for (let i = 0; i < 40; i++) {
        const index = choices.pick([ab, ab, deep, table.byCreationTime, table.byId]);
        const expressions = randomExpressions(choices, index, documents);
        const { range, prefix } = compileRange(index, expressions);
        expect(range.lower.startsWith(prefix)).toBe(true);
        expect(range.upper.startsWith(prefix) || prefix === "").toBe(true);
        for (const document of documents) {
          const isExpected = expressions.every((each) => satisfies(document, each));
          expect(isInRange(index.keyOf(document), range)).toBe(isExpected);
        }
      }
    });
  });

  it("[RNG5] has keys that follow dotted paths through objects only", () => {
    const document = (fields: Record<string, Value>) =>
      ({ _id: "x", _creationTime: 1, ...fields }) as Document;
    const missing = deep.keyOf(document({}));
    expect(deep.keyOf(document({ deep: { path: null } }))).not.toBe(missing);
    for (const value of [null, 1, "path", [{ path: 1 }], {}, { other: 1 }, new ArrayBuffer(1)]) {
      expect(deep.keyOf(document({ deep: value }))).toBe(missing);
    }
    const odd = new IndexPlan(table, "by_odd", ["toString", "constructor.name", ...tail], 3);
    expect(odd.keyOf(document({}))).toBe(`\x01${missing}`);
    expect(odd.keyOf(document({ toString: "x" }))).not.toBe(`\x01${missing}`);
  });

  it("[RNG6] tells changed keys without building them", async () => {
    await forEachSeed(seeds("same-key", 20), (choices) => {
      for (let i = 0; i < 100; i++) {
        const before = randomDocument(choices, 1);
        const { _creationTime } = before;
        const other = choices.chance(0.5) ? before : randomDocument(choices, 1);
        const next = { ...other, c: 1, _creationTime };
        for (const index of [ab, deep]) {
          const isSame = index.keyOf(before) === index.keyOf(next);
          expect(index.hasSameKey(before, next)).toBe(isSame);
        }
      }
    });
  });
});

function randomDocument(choices: Choices, i: number): Document {
  const document: Record<string, Value | undefined> = {
    _id: `id${i}`,
    _creationTime: choices.below(5),
    a: randomField(choices, 1),
    b: randomField(choices, 1),
    deep: choices.chance(0.8) ? { path: randomField(choices, 1) ?? null } : randomField(choices, 0),
  };
  for (const field of Object.keys(document))
    if (document[field] === undefined) delete document[field];
  return document as Document;
}

function randomExpressions(
  choices: Choices,
  index: IndexPlan,
  documents: readonly Document[],
): RangeExpression[] {
  const someValue = (field: string) =>
    choices.chance(0.7) ? readPath(choices.pick(documents), field) : randomField(choices, 1);
  const depth = choices.below(index.fields.length + 1);
  const expressions = index.fields.slice(0, depth).map((field) => eq(field, someValue(field)));
  const field = index.fields[depth];
  if (field !== undefined && choices.chance(0.8)) {
    if (choices.chance(0.6)) expressions.push(choices.pick([gt, gte])(field, someValue(field)));
    if (choices.chance(0.6)) expressions.push(choices.pick([lt, lte])(field, someValue(field)));
  }
  return expressions.sort(() => (choices.chance(0.5) ? 1 : -1));
}

function satisfies(document: Document, { type, fieldPath, value }: RangeExpression): boolean {
  const order = compareValues(readPath(document, fieldPath), value);
  const tests = { Eq: order === 0, Gt: order > 0, Gte: order >= 0, Lt: order < 0, Lte: order <= 0 };
  return tests[type];
}
