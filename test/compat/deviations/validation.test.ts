// Where convex-test differs on validators and schemas (engine.md 10.3).

import { runInNewContext } from "node:vm";
import { createBackend } from "invex";
import { defineSchema, defineTable, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, mutation, query, rejection } from "../../fixtures/lab";

/** The text a call with these args is refused with. */
async function refusal(args: Parameters<typeof v.object>[0], given: object): Promise<string> {
  const { backend } = createLab({ f: query({ args, handler: async () => "accepted" }) });
  return (await rejection(backend.query("m:f", given))).message;
}

describe("what validators check", () => {
  it("[DEV32] the keys and values of a record", async () => {
    const record = { r: v.record(v.string(), v.number()) };
    expect(await refusal(record, { r: { a: "x" } })).toContain(
      "Value does not match validator.\nPath: .r.values()\n",
    );
    expect(await refusal(record, { r: [1] })).toContain(
      "Path: .r\nValue: [1.0]\nValidator: v.record(v.string(), v.float64())",
    );
    expect(await refusal({ r: v.record(v.id("things"), v.any()) }, { r: { x: 1 } })).toContain(
      "Path: .r.keys()\n",
    );
    const stored = createLab().backend.run((ctx) =>
      ctx.db.insert("records", { map: { a: "x" } } as never),
    );
    await expect(stored).rejects.toThrow(
      'Failed to insert or update a document in table "records" because it does not match the schema: ',
    );
  });

  it("[DEV33] a bigint literal matches its bigint and nothing else", async () => {
    const { backend } = createLab();
    const insert = (value: unknown) =>
      backend.run((ctx) => ctx.db.insert("literals", { value } as never));
    await insert(1n);
    await insert(1);
    await expect(insert(2n)).rejects.toThrow("Value does not match validator.");
    expect(await refusal({ x: v.literal(5n) }, { x: 5 })).toContain(
      "`5.0` does not match literal validator `v.literal(5)`.Path: .x",
    );
  });

  it("[DEV34] null where an object belongs", async () => {
    expect(await refusal({ o: v.object({ a: v.string() }) }, { o: null })).toContain(
      "Value does not match validator.\nPath: .o\nValue: null\nValidator: v.object({a: v.string()})",
    );
  });

  it("[DEV35] names of Object.prototype are fields like others, checked in sorted order", async () => {
    const fields = { toString: v.string(), constructor: v.string() };
    expect(await refusal({ o: v.object(fields) }, { o: {} })).toContain(
      "Object is missing the required field `constructor`.",
    );
    expect(await refusal({ o: v.object({}) }, { o: { toString: "x" } })).toContain(
      "Object contains extra field `toString` that is not in the validator.\nPath: .o\n",
    );
    expect(await refusal({ b: v.string(), a: v.string() }, { b: 1 })).toContain("field `a`");
  });

  it("[DEV42] bytes from another realm are bytes", async () => {
    const { backend } = createLab({
      f: query({ args: { b: v.bytes() }, handler: async (_ctx, { b }) => b.byteLength }),
    });
    const foreign = runInNewContext("new ArrayBuffer(3)");
    expect(foreign instanceof ArrayBuffer).toBe(false);
    expect(await backend.query("m:f", { b: foreign })).toBe(3);
  });
});

describe("what they say", () => {
  it("[DEV36] missing, extra and mismatching fields, with path, value and validator", async () => {
    const args = { o: v.object({ n: v.number(), s: v.optional(v.string()) }) };
    const printed = "v.object({n: v.float64(), s: v.optional(v.string())})";
    expect(await refusal(args, { o: { s: "x" } })).toContain(
      `ArgumentValidationError: Object is missing the required field \`n\`. Consider wrapping the field validator in \`v.optional(...)\` if this is expected.\nPath: .o\nObject: {s: "x"}\nValidator: ${printed}`,
    );
    expect(await refusal(args, { o: { n: 1, z: true } })).toContain(
      `ArgumentValidationError: Object contains extra field \`z\` that is not in the validator.\nPath: .o\nObject: {n: 1.0, z: true}\nValidator: ${printed}`,
    );
    expect(await refusal(args, { o: { n: 1n } })).toContain(
      "ArgumentValidationError: Value does not match validator.\nPath: .o.n\nValue: 1\nValidator: v.float64()",
    );
  });

  it("[DEV36] a union of one member speaks for that member, a larger one for itself", async () => {
    expect(await refusal({ u: v.union(v.object({ a: v.null() })) }, { u: {} })).toContain(
      "Object is missing the required field `a`.",
    );
    expect(await refusal({ u: v.union(v.string(), v.boolean()) }, { u: 5 })).toContain(
      "Value does not match validator.\nPath: .u\nValue: 5.0\nValidator: v.union(v.string(), v.boolean())",
    );
  });

  it("[DEV37] a wrong result", async () => {
    const { backend } = createLab({
      f: query({ returns: v.object({ a: v.number() }), handler: async () => ({}) as never }),
    });
    await expect(backend.query("m:f")).rejects.toThrow(
      "ReturnsValidationError: Object is missing the required field `a`.",
    );
  });

  it("[DEV43] a pending commit timestamp used as a number", async () => {
    const { backend } = createLab({
      f: mutation(async (ctx) => {
        const id = await ctx.db.insert("things", { at: ctx.db.vars.commitTs });
        const at = (await ctx.db.get(id))?.at;
        return `${String(at)} ${Number(at)}`;
      }),
    });
    await expect(backend.mutation("m:f")).rejects.toThrow(
      "This commit timestamp is unresolved: its value is assigned when the mutation commits.",
    );
  });
});

/** What a definition is refused with: when it is made, or at the latest when it is first used. */
async function definitionError(make: () => Parameters<typeof createBackend>[0]): Promise<string> {
  try {
    const backend = createBackend(make());
    await backend.ready;
    await backend.query("m:f" as never);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("The definition was accepted");
}

const ping = queryGeneric({ handler: async () => "pong" });

describe("rules for definitions", () => {
  const table = () => defineTable({ a: v.string(), b: v.number() });
  const rules: [string, () => ReturnType<typeof table>, string][] = [
    [
      "a reserved index name",
      () => table().index("by_id", ["a"]) as never,
      'In table "t" cannot name an index "by_id" because the name is reserved.',
    ],
    [
      "two indexes with the same fields",
      () => table().index("x", ["a"]).index("y", ["a"]) as never,
      'In table "t" index "x" and index "y" have the same fields. Indexes must be unique within a table.',
    ],
    [
      "two indexes of one name",
      () => table().index("x", ["a"]).index("x", ["b"]) as never,
      'Table "t" has two or more definitions of index "x".',
    ],
    [
      "an index on a field that cannot be",
      () => table().index("x", ["c" as never]) as never,
      'In table "t" the index "x" is invalid because it references the field "c" that does not exist.',
    ],
    [
      "_creationTime in an index",
      () => table().index("x", ["a", "_creationTime"]) as never,
      "`_creationTime` is automatically added to the end of each index.",
    ],
    [
      "the same field twice",
      () => table().index("x", ["a", "a"] as never) as never,
      'Duplicate field "a". Index fields must be unique within an index.',
    ],
    [
      "an index on nothing",
      () => table().index("x", [] as never) as never,
      'In table "t" index "x" must have at least one field.',
    ],
    [
      "vectors of one dimension",
      () =>
        defineTable({ v: v.array(v.number()) }).vectorIndex("x", {
          vectorField: "v",
          dimensions: 1,
        }) as never,
      "Dimensions 1 must be between 2 and 4096.",
    ],
  ];

  it.each(rules)("[DEV38] %s is refused", async (_what, makeTable, text) => {
    const message = await definitionError(() => ({
      schema: defineSchema({ t: makeTable() }),
      modules: { m: { f: ping } },
    }));
    expect(message).toContain(text);
  });

  it("[DEV39] field names may start with an underscore below the top, but not hold a dash", async () => {
    const underscore = { o: v.object({ _x: v.string() }) };
    const accepted = createLab({ f: query({ args: underscore, handler: async () => "ok" }) });
    expect(await accepted.backend.query("m:f", { o: { _x: "" } })).toBe("ok");
    const dashed = { o: v.object({ "a-b": v.string() }) };
    const message = await definitionError(() => ({
      modules: { m: { f: queryGeneric({ args: dashed, handler: async () => "ok" }) } },
    }));
    expect(message).toContain("a-b");
    expect(message).toContain(
      "Identifiers can only contain alphanumeric characters or underscores",
    );
  });

  it("[DEV40] arguments are an object or anything, not a union", async () => {
    const args = v.union(v.object({}), v.object({ a: v.string() })) as never;
    const message = await definitionError(() => ({
      modules: { m: { f: queryGeneric({ args, handler: async () => "ok" }) } },
    }));
    expect(message).toContain("Args validator must be an object or any");
  });
});
