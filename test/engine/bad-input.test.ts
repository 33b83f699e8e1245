// Bad input: Convex's text, and nothing changed: no document, no commit, nobody told.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import {
  createLab,
  delivered,
  type LabMutationCtx,
  mutation,
  query,
  refs,
  rejection,
  watch,
} from "../fixtures/lab";

// biome-ignore lint/suspicious/noExplicitAny: bad input has no type
type Untyped = any;

interface World {
  readonly db: Untyped;
  readonly ctx: LabMutationCtx;
  readonly thing: string;
  readonly other: string;
}

type Case = readonly [what: string, act: (world: World) => Promise<unknown>, text: string | RegExp];

const nested = (levels: number): unknown => (levels === 0 ? 1 : { x: nested(levels - 1) });
const long = "n".repeat(1025);
const ghost = "j5zfzzzzzzzzzzzzzzzzzzzzzzzzzkyr";

const writes: Case[] = [
  [
    "a table with a bad name",
    ({ db }) => db.insert("no-table", {}),
    "Invalid argument `table` for `db.insert`: Identifier no-table has invalid character '-': Identifiers can only contain alphanumeric characters or underscores",
  ],
  [
    "a system table",
    ({ db }) => db.insert("_storage", {}),
    "System tables (prefixed with `_`) are read-only.",
  ],
  [
    "another table's id",
    ({ db, thing }) => db.patch("others", thing, { n: 1 }),
    'Invalid argument `id` for `db.patch`: expected to be an Id<"others">, got Id<"things"> instead.',
  ],
  [
    "an id of no table",
    ({ db }) => db.delete(ghost),
    /Invalid argument `id` for `db.delete`: Unable to decode ID/,
  ],
  ["no id at all", ({ db }) => db.patch(undefined, {}), "Must provide arg 1 `id` to `patch`"],
  [
    "undefined in an array",
    ({ db }) => db.insert("things", { list: [1, undefined] }),
    'undefined is not a valid Convex value (present at path .list[1] in original object {"list":[1,"undefined"]}). To learn about Convex\'s supported types, see https://docs.convex.dev/using/types.',
  ],
  [
    "a date",
    ({ db }) => db.insert("things", { at: new Date(0) }),
    /^Uncaught Error: Date "1970-01-01T00:00:00.000Z" is not a supported Convex type \(present at path \.at in/,
  ],
  [
    "an over-long field name",
    ({ db }) => db.insert("things", { [long]: 1 }),
    `Field name ${long} exceeds maximum field name length 1024.`,
  ],
  [
    "a reserved field name",
    ({ db, thing }) => db.patch(thing, { $x: 1 }),
    "Field name $x starts with a '$', which is reserved.",
  ],
  [
    "a system field",
    ({ db }) => db.insert("things", { _mine: 1 }),
    "Field '_mine' starts with an underscore, which is only allowed for system fields like '_id'",
  ],
  [
    "too deep a document",
    ({ db }) => db.insert("things", nested(17)),
    "Document is too nested (nested 17 levels deep > maximum nesting 16)",
  ],
  [
    "too large a document",
    ({ db }) => db.insert("things", { text: "x".repeat(2 * 1024 * 1024) }),
    "Value is too large (2.00 MiB > maximum size 1 MiB)",
  ],
  [
    "too long an array",
    ({ db }) => db.insert("things", { list: new Array(8193).fill(0) }),
    "Array length is too long (8193 > maximum length 8192)",
  ],
  [
    "a bigint beyond Int64",
    ({ db }) => db.insert("things", { big: 2n ** 63n }),
    "BigInt 9223372036854775808 does not fit into a 64-bit signed integer.",
  ],
  [
    "what the schema does not allow",
    ({ db }) => db.insert("people", { name: 1 }),
    'Failed to insert or update a document in table "people" because it does not match the schema: Value does not match validator.\nPath: .name\nValue: 1.0\nValidator: v.string()',
  ],
  [
    "another table's id in a document",
    ({ db, thing }) => db.insert("people", { name: "x", friend: thing }),
    /Found ID "\w+" from table `things`, which does not match the table name in validator `v\.id\("people"\)`\.Path: \.friend/,
  ],
];

const reads: Case[] = [
  [
    "index fields out of order",
    ({ db }) =>
      db
        .query("things")
        .withIndex("by_a_b", (q: Untyped) => q.eq("b", 1))
        .collect(),
    'Tried to query index things.by_a_b but the query didn\'t use the index fields in order.\nIndex fields: ["a", "b", "_creationTime"]\nQuery fields: ["b"]\nFirst incorrect field: "b"',
  ],
  [
    "an unknown index",
    ({ db }) => db.query("things").withIndex("by_nothing").collect(),
    "Index things.by_nothing not found.",
  ],
  [
    "a query chained twice",
    async ({ db }) => {
      const all = db.query("things").fullTableScan();
      all.order("desc");
      all.filter((q: Untyped) => q.eq(1, 1));
    },
    "A query can only be chained once and can't be chained after iteration begins.",
  ],
  [
    "a query run after it was chained",
    async ({ db }) => {
      const all = db.query("things").fullTableScan();
      all.order("desc");
      await all.collect();
    },
    "This query has been chained with another operator and can't be reused.",
  ],
  [
    "a query run twice",
    async ({ db }) => {
      const all = db.query("things").order("asc");
      await all.collect();
      await all.first();
    },
    "This query is closed and can't emit any more values.",
  ],
  [
    "a query iterated twice at once",
    async ({ db }) => {
      const all = db.query("things").order("asc");
      all[Symbol.asyncIterator]();
      all[Symbol.asyncIterator]();
    },
    "Iteration can only begin on a query once.",
  ],
  [
    "two orders",
    async ({ db }) => db.query("things").order("asc").order("desc"),
    "Queries may only specify order at most once",
  ],
  [
    "half a row",
    ({ db }) => db.query("things").take(0.5),
    "Arg 1 `n` to `take` must be a non-negative integer",
  ],
  [
    "one of several",
    ({ db }) => db.query("things").unique(),
    /unique\(\) query returned more than one result from table things:\n \[\w+, \w+, \.\.\.\]/,
  ],
  [
    "a system table by the wrong door",
    async ({ db }) => db.query("_storage").collect(),
    "System tables can only be accessed from db.system.query().",
  ],
];

const calls: Case[] = [
  [
    "a query that would be a mutation",
    ({ ctx }) => ctx.runQuery(refs.mutation("keep") as Untyped),
    /Trying to execute m\.js:keep as Query, but it is defined as Mutation\./,
  ],
  [
    "arguments that do not fit",
    ({ ctx }) => ctx.runMutation(refs.mutation("strict"), { n: "x" }),
    "ArgumentValidationError: Value does not match validator.\nPath: .n",
  ],
  ["a function that is not there", ({ ctx }) => ctx.runQuery(refs.query("gone")), /gone/],
];

describe.each([
  ["a write", writes],
  ["a read", reads],
  ["a nested call", calls],
])("%s in a mutation", (_kind, cases) => {
  it.each(cases)("[BAD1][BAD2] refuses %s", async (_what, act, text) => {
    const { backend } = createLab({
      all: query(async (ctx) => (await ctx.db.query("things").collect()).length),
      keep: mutation(async () => null),
      strict: mutation({ args: { n: v.number() }, handler: async () => null }),
      bad: mutation(async (ctx) => {
        const db: Untyped = ctx.db;
        const things = await ctx.db.query("things").collect();
        const thing = things[0]!._id;
        const other = (await ctx.db.query("others").first())!._id;
        await ctx.db.patch(thing, { n: "changed" });
        await ctx.db.insert("things", { n: "added" });
        await ctx.db.delete(things[1]!._id);
        await ctx.db.insert("made" as "things", {});
        await act({ db, ctx, thing, other });
      }),
    });
    await backend.run(async (ctx) => {
      for (const n of [1, 2, 3]) await ctx.db.insert("things", { n });
      await ctx.db.insert("others", {});
    });
    const everything = () =>
      backend.run(async (ctx) => [
        await ctx.db.query("things").collect(),
        await ctx.db.query("others").collect(),
        await ctx.db.query("made" as "things").collect(),
      ]);
    const before = await everything();
    const live = watch(backend, "m:all");
    await delivered(backend);
    let commits = 0;
    backend.onCommit(() => {
      commits += 1;
    });
    const { message } = await rejection(backend.mutation("m:bad"));
    // What comes before is the caller's: request id and function.
    const told = message.slice(message.indexOf("Uncaught"));
    if (typeof text === "string") expect(told).toContain(text);
    else expect(told).toMatch(text);
    expect(commits).toBe(0);
    expect(await everything()).toEqual(before);
    await delivered(backend);
    expect(live.values()).toEqual([3]);
  });
});

describe("a call from outside", () => {
  const functions = {
    keep: mutation((ctx) => ctx.db.insert("things", {})),
    all: query((ctx) => ctx.db.query("things").collect()),
    strict: mutation({
      args: { n: v.number() },
      handler: (ctx, { n }) => ctx.db.insert("things", { n }),
    }),
  };
  const cases: [string, string, string, unknown, string][] = [
    ["an unknown function", "mutation", "m:gone", {}, 'Couldn\'t find "gone" in module "m.js".'],
    ["a missing module", "mutation", "gone:keep", {}, "Couldn't find JavaScript module 'gone.js'."],
    [
      "a mutation as a query",
      "query",
      "m:keep",
      {},
      "Trying to execute m.js:keep as Query, but it is defined as Mutation.",
    ],
    [
      "a query as a mutation",
      "mutation",
      "m:all",
      {},
      "Trying to execute m.js:all as Mutation, but it is defined as Query.",
    ],
    [
      "arguments that are no object",
      "mutation",
      "m:strict",
      [1],
      "The arguments to a Convex function must be an object. Received: 1",
    ],
    ["too few arguments", "mutation", "m:strict", {}, "Object is missing the required field `n`"],
    [
      "too many arguments",
      "mutation",
      "m:strict",
      { n: 1, x: 2 },
      "Object contains extra field `x` that is not in the validator.",
    ],
    [
      "undefined in an array",
      "mutation",
      "m:keep",
      { list: [undefined] },
      "undefined is not a valid Convex value (present at path .list[0]",
    ],
  ];

  it.each(cases)("[BAD3] refuses %s", async (_what, kind, path, args, text) => {
    const { backend } = createLab(functions);
    let commits = 0;
    backend.onCommit(() => {
      commits += 1;
    });
    const call = kind === "query" ? backend.query(path, args) : backend.mutation(path, args);
    expect((await rejection(call)).message).toContain(text);
    expect(commits).toBe(0);
    expect(await backend.query("m:all")).toEqual([]);
  });

  it("[BAD3] refuses a bad subscription through onError, and delivers nothing", async () => {
    const { backend } = createLab(functions);
    const lives = [watch(backend, "m:gone"), watch(backend, "m:keep"), watch(backend, "x:y")];
    await delivered(backend);
    for (const { deliveries } of lives) {
      expect(deliveries).toHaveLength(1);
      expect(deliveries[0]).toHaveProperty("error");
    }
  });
});
