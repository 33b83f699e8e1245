// The builders of ranges, searches and filters: what they collect is what convex would have sent.

import { actionGeneric as convexAction, queryGeneric as convexQuery } from "convex/server";
import { CommitTsPlaceholder } from "convex/values";
import * as fc from "fast-check";
import { SearchFilter } from "invex/server";
import { describe, expect, it } from "vitest";
import { collectFilter } from "../../src/server/filter-builder";
import { collectIndexRange } from "../../src/server/index-range-builder";
import { collectSearchFilter } from "../../src/server/search-filter-builder";
import { collectVectorFilter } from "../../src/server/vector-filter-builder";
import { must } from "../../src/shared/assert";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { convexOrUndefinedToJson } from "../../src/values/convex-json";
import type { Value } from "../../src/values/value";
import { recordingGlobal } from "./convex-global";
import { asyncOutcomeOf, outcomeOf } from "./outcome";

// biome-ignore lint/suspicious/noExplicitAny: builders of two packages, used right and wrong
type Untyped = any;
type Callback = (q: Untyped) => unknown;

/** The query that convex sends for a handler, found at `pick` of the first request. */
async function sent(
  run: (db: Untyped) => unknown,
  pick: (query: Untyped) => unknown,
): Promise<unknown> {
  const registered = convexQuery((ctx) => run(ctx.db)) as Untyped;
  const asked = await recordingGlobal(
    () => registered.invokeQuery("[{}]"),
    ({ operation }) =>
      operation === "1.0/queryStream" ? { queryId: 0 } : { value: null, done: true },
  );
  return pick((must(asked[0]).args as Untyped).query);
}

const convexRange = (callback: Callback) =>
  sent(
    (db) => db.query("t").withIndex("i", callback).collect(),
    (query) => query.source.range,
  );
const convexSearch = (callback: Callback) =>
  sent(
    (db) => db.query("t").withSearchIndex("i", callback).collect(),
    (query) => query.source.filters,
  );
const convexFilter = (callback: Callback) =>
  sent(
    (db) => db.query("t").filter(callback).collect(),
    (query) => query.operators[0].filter,
  );
const convexVector = async (filter: Callback) => {
  const registered = convexAction((ctx) =>
    (ctx as Untyped).vectorSearch("t", "i", { vector: [1], filter }),
  ) as Untyped;
  const asked = await recordingGlobal(
    () => registered.invokeAction("r", "[{}]"),
    () => ({ results: [] }),
  );
  return (must(asked[0]).args as Untyped).query.expressions;
};

/** Ours with every value as the wire has it. */
const listOnWire = (list: readonly { value: Value | undefined }[]) =>
  list.map((one) => ({ ...one, value: convexOrUndefinedToJson(one.value) }));

function treeOnWire(tree: object): unknown {
  const [[key, operand]] = Object.entries(tree) as [[string, Untyped]];
  if (key === "$literal") return { $literal: convexOrUndefinedToJson(operand) };
  if (Array.isArray(operand)) return { [key]: operand.map(treeOnWire) };
  return { [key]: typeof operand === "string" ? operand : treeOnWire(operand) };
}

const rangeOf = (callback: Callback) => listOnWire(collectIndexRange(callback as Untyped));
const searchOf = (callback: Callback) => listOnWire(collectSearchFilter(callback as Untyped));
const filterOf = (callback: Callback) => treeOnWire(collectFilter(callback as Untyped));
const vectorOf = (callback: Callback) => treeOnWire(collectVectorFilter(callback as Untyped));

async function expectSame(
  ours: (callback: Callback) => unknown,
  theirs: (callback: Callback) => Promise<unknown>,
  callback: Callback,
): Promise<void> {
  expect(outcomeOf(() => ours(callback))).toEqual(await asyncOutcomeOf(() => theirs(callback)));
}

const field = fc.constantFrom("a", "b", "a.b", "_creationTime", "_id");
const value = fc.oneof(
  { maxDepth: 2, withCrossShrink: true },
  fc.constant(undefined),
  fc.constant(null),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string(),
  fc.boolean(),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes).buffer),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("x", "y", "A"), fc.constantFrom(1, "s", undefined), { maxKeys: 3 }),
  fc.constantFrom<unknown>(
    2n ** 63n,
    new Set([1]),
    Symbol("s"),
    [undefined],
    { $a: 1 },
    new Date(0),
  ),
);

describe("index ranges", () => {
  it("[SCH20, SCH24] are convex's for random calls", async () => {
    const bound = fc.tuple(fc.constantFrom("eq", "gt", "gte", "lt", "lte"), field, value);
    await fc.assert(
      fc.asyncProperty(fc.array(bound, { maxLength: 5 }), async (bounds) => {
        const callback: Callback = (q) =>
          bounds.reduce((range, [method, name, bound]) => range[method](name, bound), q);
        await expectSame(rangeOf, convexRange, callback);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, Callback]>([
    ["used twice", (q) => [q.eq("a", 1), q.eq("b", 2)][0]],
    ["used and then returned", (q) => [q, q.eq("a", 1)][0]],
    [
      "used in the middle",
      (q) => {
        const first = q.eq("a", 1);
        first.gt("b", 2);
        return first;
      },
    ],
    ["returned untouched", (q) => q],
  ])("[SCH20] %s", async (_, callback) => {
    await expectSame(rangeOf, convexRange, callback);
  });

  it.each([undefined, null, "a", {}, [], Promise.resolve()])("[SCH20] are not %s", (returned) => {
    expect(() => rangeOf(() => returned)).toThrow("must return the range it built");
  });

  it("[SCH24] take the unresolved commit timestamp of both packages", () => {
    for (const unresolved of [commitTsPlaceholder, new CommitTsPlaceholder()]) {
      const [bound] = collectIndexRange(((q: Untyped) => q.gt("a", unresolved)) as Untyped);
      expect(bound?.value).toBe(commitTsPlaceholder);
    }
  });

  it("[SCH24] hold copies", () => {
    const given = { x: [1] };
    const [bound] = collectIndexRange(((q: Untyped) => q.eq("a", given)) as Untyped);
    given.x.push(2);
    expect(bound?.value).toEqual({ x: [1] });
  });
});

describe("search filters", () => {
  it("[SCH21, SCH24] are convex's for random calls", async () => {
    const clause = fc.oneof(
      fc.tuple(fc.constant("search"), field, fc.string()),
      fc.tuple(fc.constant("eq"), field, value),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(clause, { maxLength: 5 }), async (clauses) => {
        const callback: Callback = (q) =>
          clauses.reduce((filter, [method, name, operand]) => filter[method](name, operand), q);
        await expectSame(searchOf, convexSearch, callback);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Callback]>([
    ["used twice", (q) => [q.search("a", "x"), q.search("b", "y")][0]],
    ["returned untouched", (q) => q],
    ["without a field to search", (q) => q.search()],
    ["without words to search for", (q) => q.search("a")],
    ["without a field to filter", (q) => q.search("a", "x").eq()],
    ["without a value to filter by", (q) => q.search("a", "x").eq("b")],
    ["with undefined to filter by", (q) => q.search("a", "x").eq("b", undefined)],
  ])("[SCH21] %s", async (_, callback) => {
    await expectSame(searchOf, convexSearch, callback);
  });

  it("[SCH21] are SearchFilters, and search for strings", () => {
    collectSearchFilter(((q: Untyped) => {
      const filter = q.search("a", "x");
      expect(filter).toBeInstanceOf(SearchFilter);
      return filter;
    }) as Untyped);
    expect(() => searchOf((q) => q.search("a", 5))).toThrow("must be a string");
    expect(() => searchOf(() => "x")).toThrow("must return the filter it built");
  });
});

describe("filters", () => {
  const binary = ["eq", "neq", "lt", "lte", "gt", "gte", "add", "sub", "mul", "div", "mod"];
  type Plan = { op: string; of: unknown[] };
  const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
    plan: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      value.map((literal) => ({ op: "literal", of: [literal] })),
      field.map((path) => ({ op: "field", of: [path] })),
      fc
        .tuple(fc.constantFrom(...binary), tie("plan"), tie("plan"))
        .map(([op, l, r]) => ({ op, of: [l, r] })),
      fc.tuple(fc.constantFrom("neg", "not"), tie("plan")).map(([op, x]) => ({ op, of: [x] })),
      fc
        .tuple(fc.constantFrom("and", "or"), fc.array(tie("plan"), { maxLength: 3 }))
        .map(([op, of]) => ({ op, of })),
    ),
  }));
  const perform = (q: Untyped, { op, of }: Plan): unknown => {
    if (op === "literal") return of[0];
    if (op === "field") return q.field(of[0]);
    return q[op](...(of as Plan[]).map((operand) => perform(q, operand)));
  };

  it("[SCH22, SCH24] are convex's for random calls", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (plan) => {
        await expectSame(filterOf, convexFilter, (q) => perform(q, plan));
      }),
      { numRuns: 500 },
    );
  });

  it("[SCH22] may use an expression many times", async () => {
    await expectSame(filterOf, convexFilter, (q) => {
      const n = q.field("n");
      return q.and(q.gt(n, 1), q.lt(n, 5), q.or());
    });
  });

  it("[SCH22, SCH24] keep values as values", () => {
    const bytes = new Uint8Array([1]).buffer;
    const tree = collectFilter(((q: Untyped) => q.eq(q.field("a"), [1n, bytes])) as Untyped);
    expect(tree).toEqual({ $eq: [{ $field: "a" }, { $literal: [1n, bytes] }] });
  });
});

describe("vector filters", () => {
  it.each<[string, Callback]>([
    ["an equality", (q) => q.eq("a", 1n)],
    ["a missing field", (q) => q.eq("a", undefined)],
    ["equalities joined", (q) => q.or(q.eq("a", "x"), q.or(q.eq("b", null), q.or()))],
    ["a value", () => true],
    ["a value in or", (q) => q.or(q.eq("a", 1), 5)],
    ["a field that is no name", (q) => q.eq(5, 5)],
    ["a value Convex cannot store", (q) => q.eq("a", new Map())],
    ["and", (q) => q.and(q.eq("a", 1))],
  ])("[SCH23] %s", async (_, callback) => {
    await expectSame(vectorOf, convexVector, callback);
  });
});
