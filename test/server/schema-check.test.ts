// What makes Convex refuse a schema. The texts are those of its backend, so there is no oracle to run:
// they are spelled out.

import { v as convexV } from "convex/values";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { checkSchema } from "../../src/server/schema-check";
import type { SchemaJSON, TableJSON } from "../../src/server/schema-json";
import { exportSchema } from "../../src/server/schema-json";
import type { InvexError } from "../../src/shared/errors";
import { convexSchema, schema } from "../types/fixture";

const PREFIX = "Hit an error while evaluating your schema:\n";

// biome-ignore lint/suspicious/noExplicitAny: schemas are declared wrong on purpose
type Untyped = any;
const anything: Untyped = () => defineTable(v.any());

function refusal(schema: SchemaJSON): InvexError {
  try {
    checkSchema(schema);
  } catch (error) {
    return error as InvexError;
  }
  throw new Error("the schema was accepted");
}

/** What is said of a schema with these tables, without the prefix; undefined if it is accepted. */
function problem(tables: Record<string, Untyped>, options = {}): string | undefined {
  const json = exportSchema(defineSchema(tables, options));
  try {
    checkSchema(json);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    expect(message.startsWith(PREFIX)).toBe(true);
    return message.slice(PREFIX.length);
  }
}

const named = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`);

describe("what is accepted", () => {
  it("[SCH5] the fixtures, by both packages", () => {
    checkSchema(exportSchema(schema));
    checkSchema(exportSchema(convexSchema));
    checkSchema(exportSchema(defineSchema({})));
  });
});

describe("tables", () => {
  it.each(["1a", "a-b", "", "a b", "ä", "__", "a".repeat(65)])(
    "[SCH9] may not be named %j",
    (name) => {
      expect(problem({ [name]: anything() })).toBe(
        `Invalid table name: "${name}". Identifiers must start with a letter and can only contain letters, digits, and underscores.`,
      );
    },
  );

  it.each(["_a", "_storage"])("[SCH9] may not have the reserved name %j", (name) => {
    expect(problem({ [name]: anything() })).toBe(`${name} is a reserved table name.`);
  });

  it("[SCH9] may be 10,000", () => {
    const tables = (count: number) => Object.fromEntries(named(count).map((n) => [n, anything()]));
    expect(problem(tables(10_000))).toBeUndefined();
    expect(problem(tables(10_001))).toBe("Number of tables cannot exceed 10000.");
  });

  it("[SCH16] hold objects", () => {
    const found = (printed: string) =>
      `The document validator in a schema must be an object, a union of objects, or \`v.any()\`. Found ${printed}.`;
    const table = (validator: Untyped) => ({ t: defineTable(validator) });
    expect(problem(table(v.any()))).toBeUndefined();
    expect(problem(table(v.union()))).toBeUndefined();
    expect(problem(table(v.union(v.object({}), v.object({}))))).toBeUndefined();
    expect(problem(table(v.string()))).toContain(found("v.string()"));
    expect(problem(table(v.union(v.object({}), v.any())))).toContain(
      found("v.union(v.object({}), v.any())"),
    );
    expect(problem(table(v.union(v.union(v.object({})))))).toContain("must be an object");
    expect(problem({ t: anything().staged(v.string()) })).toContain(found("v.string()"));
  });

  it("[SCH16] have validators like any other", () => {
    expect(problem({ t: defineTable({ "a-b": v.string() }) })).toContain(
      "Identifier a-b has invalid",
    );
    expect(problem({ t: defineTable({ a: v.record(v.literal("x") as Untyped, v.any()) }) })).toBe(
      "Invalid validator for key `a`: Records cannot have string literal keys",
    );
    expect(problem({ t: defineTable({ a: v.literal(Number.NaN) }) })).toContain("Infinite or NaN");
  });

  it("[SCH16] may list the system fields, to no effect", () => {
    const table = { _id: v.id("t"), _creationTime: v.number(), a: v.string() };
    expect(problem({ t: defineTable(table).index("i", ["a"]) })).toBeUndefined();
  });
});

describe("index names", () => {
  it.each(["1a", "a-b", "", "a b", "__", "a".repeat(65)])("[SCH10] may not be %j", (name) => {
    expect(problem({ t: anything().index(name, ["a"]) })).toBe(
      `Invalid index name: "${name}". Identifiers must be 64 characters or less, start with a letter, and only contain letters, digits, underscores.`,
    );
  });

  it.each(["by_id", "by_creation_time", "_a"])("[SCH10] may not be the reserved %j", (name) => {
    expect(problem({ t: anything().searchIndex(name, { searchField: "a" }) })).toBe(
      `In table "t" cannot name an index "${name}" because the name is reserved. Indexes may not start with an underscore or be named "by_id" or "by_creation_time".`,
    );
  });

  it("[SCH10] are unique among all kinds of indexes, staged ones included", () => {
    const twice = 'Table "t" has two or more definitions of index "i".';
    const table = () => anything().index("i", ["a"]);
    expect(problem({ t: table().index("i", ["b"]) })).toBe(twice);
    expect(problem({ t: table().index("i", { fields: ["b"], staged: true }) })).toBe(twice);
    expect(problem({ t: table().searchIndex("i", { searchField: "b" }) })).toBe(twice);
    expect(problem({ t: table().vectorIndex("i", { vectorField: "b", dimensions: 2 }) })).toBe(
      twice,
    );
    expect(problem({ t: table(), u: table() })).toBeUndefined();
  });
});

describe("numbers of indexes and fields", () => {
  it("[SCH11] a table has at most 64 indexes", () => {
    const table = (count: number) => {
      const table = anything()
        .searchIndex("s", { searchField: "x" })
        .vectorIndex("v", { vectorField: "x", dimensions: 2 })
        .index("st", { fields: ["staged"], staged: true });
      for (const field of named(count - 3)) table.index(field, [field]);
      return table;
    };
    expect(problem({ t: table(64) })).toBeUndefined();
    expect(problem({ t: table(65) })).toBe('Table "t" cannot have more than 64 indexes.');
  });

  it("[SCH11] an index has 1 to 15 fields", () => {
    expect(problem({ t: anything().index("i", named(15)) })).toBeUndefined();
    expect(problem({ t: anything().index("i", named(16)) })).toBe(
      'In table "t": In index "i": Indexes may have up to 16 fields.',
    );
    expect(problem({ t: anything().index("i", []) })).toBe(
      'In table "t" index "i" must have at least one field.',
    );
    expect(problem({ t: anything().index("i", { fields: [], staged: true }) })).toBe(
      'In table "t" staged index "i" must have at least one field.',
    );
  });

  it("[SCH11] no two of them the same", () => {
    expect(problem({ t: anything().index("i", ["a", "b", "a"]) })).toBe(
      'In table "t": In index "i": Duplicate field "a". Index fields must be unique within an index.',
    );
    expect(problem({ t: anything().index("i", ["a", ".a"]) })).toContain('Duplicate field "a"');
  });
});

describe("index fields", () => {
  it.each<[string, string]>([
    [
      "_id",
      'In table "t": In index "i": `_id` is not a valid index field. To load documents by ID, use `db.get(id)`.',
    ],
    [
      "_creationTime",
      "`_creationTime` is automatically added to the end of each index. It should not be added explicitly in the index definition. See https://docs.convex.dev/using/indexes for more details.",
    ],
    ["_x", "Reserved fields (starting with `_`) are not allowed in indexes."],
    ["a._x", "Reserved fields (starting with `_`) are not allowed in indexes."],
    ["__proto__", "Reserved fields (starting with `_`) are not allowed in indexes."],
    ["a-b", 'In table "t": In index "i": Invalid index field: "a-b"'],
    ["a..b", 'In table "t": In index "i": Invalid index field: "a..b"'],
    ["", 'In table "t": In index "i": Invalid index field: ""'],
  ])("[SCH12] %j is none", (field, text) => {
    expect(problem({ t: anything().index("i", [field]) })).toBe(text);
    expect(problem({ t: anything().index("i", { fields: [field], staged: true }) })).toBe(text);
  });

  it("[SCH12] of search and vector indexes are paths too", () => {
    const text = 'In table "t": In index "i": Invalid index field: "a-b"';
    expect(problem({ t: anything().searchIndex("i", { searchField: "a-b" }) })).toBe(text);
    expect(problem({ t: anything().vectorIndex("i", { vectorField: "a-b", dimensions: 2 }) })).toBe(
      text,
    );
  });
});

describe("indexes with the same fields", () => {
  const same =
    'In table "t" index "i" and index "j" have the same fields. Indexes must be unique within a table.';

  it("[SCH13] database indexes, in order", () => {
    const table = () => anything().index("i", ["a", "b"]);
    expect(problem({ t: table().index("j", ["a", "b"]) })).toBe(same);
    expect(problem({ t: table().index("j", { fields: ["a", "b"], staged: true }) })).toBe(same);
    expect(problem({ t: table().index("j", ["b", "a"]) })).toBeUndefined();
    expect(problem({ t: table().index("j", ["a"]) })).toBeUndefined();
  });

  it("[SCH13] search indexes, filter fields in any order", () => {
    const table = () => anything().searchIndex("i", { searchField: "a", filterFields: ["b", "c"] });
    expect(
      problem({ t: table().searchIndex("j", { searchField: "a", filterFields: ["c", "b"] }) }),
    ).toBe(same);
    expect(
      problem({ t: table().searchIndex("j", { searchField: "b", filterFields: ["a", "c"] }) }),
    ).toBeUndefined();
  });

  it("[SCH13] vector indexes, with their dimensions", () => {
    const table = () => anything().vectorIndex("i", { vectorField: "a", dimensions: 2 });
    expect(
      problem({
        t: table().vectorIndex("j", { vectorField: "a", dimensions: 2, filterFields: ["b"] }),
      }),
    ).toBe(same);
    expect(
      problem({ t: table().vectorIndex("j", { vectorField: "a", dimensions: 3 }) }),
    ).toBeUndefined();
  });
});

describe("fields that indexes refer to", () => {
  const missing = (field: string) =>
    `In table "t" the index "i" is invalid because it references the field "${field}" that does not exist.`;
  const nested = v.object({ b: v.optional(v.object({ c: v.string() })) });
  const table: Untyped = () =>
    defineTable({
      a: v.union(v.string(), nested),
      r: v.record(v.string(), v.any()),
      l: v.array(v.any()),
      x: v.any(),
    });

  it.each(["a", "a.b", "a.b.c", "x", "x.y.z", "r", "l"])("[SCH14] %s can be there", (field) => {
    expect(problem({ t: table().index("i", [field]) })).toBeUndefined();
    expect(problem({ t: table().searchIndex("i", { searchField: field }) })).toBeUndefined();
  });

  it.each(["b", "a.c", "a.b.c.d", "r.y", "l.y", "toString", "constructor"])(
    "[SCH14] %s cannot",
    (field) => {
      expect(problem({ t: table().index("i", [field]) })).toBe(missing(field));
      expect(problem({ t: table().index("i", { fields: [field], staged: true }) })).toBe(
        missing(field),
      );
      expect(problem({ t: table().searchIndex("i", { searchField: field }) })).toBe(missing(field));
      expect(
        problem({ t: table().searchIndex("i", { searchField: "x", filterFields: [field] }) }),
      ).toBe(missing(field));
      expect(
        problem({
          t: table().vectorIndex("i", { vectorField: "x", dimensions: 2, filterFields: [field] }),
        }),
      ).toBe(missing(field));
    },
  );

  it("[SCH14] of a union of objects may be in any of them", () => {
    const either: Untyped = () =>
      defineTable(v.union(v.object({ a: v.string() }), v.object({ b: v.string() })));
    expect(problem({ t: either().index("i", ["a", "b"]) })).toBeUndefined();
    expect(problem({ t: either().index("i", ["c"]) })).toBe(missing("c"));
  });

  it("[SCH17] need not be there when documents are not checked", () => {
    const options = { schemaValidation: false };
    expect(problem({ t: table().index("i", ["b"]) }, options)).toBeUndefined();
    expect(
      problem({ t: table().vectorIndex("i", { vectorField: "a", dimensions: 2 }) }, options),
    ).toBeUndefined();
    expect(problem({ t: table().index("i", ["_id"]) }, options)).toContain("`_id`");
    expect(problem({ t: table().index("_i", ["b"]) }, options)).toContain("reserved");
    expect(problem({ t: defineTable(v.string() as Untyped) }, options)).toContain(
      "must be an object",
    );
  });
});

describe("search and vector indexes", () => {
  it("[SCH15] have at most 16 filter fields", () => {
    const text = "Search indexes may have up to 16 filter fields.";
    const search = (n: number) =>
      anything().searchIndex("i", { searchField: "a", filterFields: named(n) });
    const vector = (n: number) =>
      anything().vectorIndex("i", { vectorField: "a", dimensions: 2, filterFields: named(n) });
    expect(problem({ t: search(16), u: vector(16) })).toBeUndefined();
    expect(problem({ t: search(17) })).toBe(text);
    expect(problem({ t: vector(17) })).toBe(text);
  });

  it("[SCH15] have 2 to 4096 dimensions", () => {
    const table = (dimensions: unknown) => ({
      t: anything().vectorIndex("i", { vectorField: "a", dimensions }),
    });
    expect(problem(table(2))).toBeUndefined();
    expect(problem(table(4096))).toBeUndefined();
    for (const dimensions of [1, 0, -3, 4097, 2.5]) {
      expect(problem(table(dimensions))).toBe(
        `Dimensions ${dimensions} must be between 2 and 4096.`,
      );
    }
  });

  it.each<[string, Untyped, boolean]>([
    ["array(float64)", v.array(v.float64()), true],
    ["optional array(float64)", v.optional(v.array(v.float64())), true],
    ["array(any)", v.array(v.any()), true],
    ["any", v.any(), true],
    ["union with an array(float64)", v.union(v.null(), v.array(v.float64())), true],
    ["convex's array(float64)", convexV.array(convexV.float64()), true],
    ["array(string)", v.array(v.string()), false],
    ["array(int64)", v.array(v.int64()), false],
    ["float64", v.float64(), false],
    ["object", v.object({}), false],
  ])("[SCH15] vectors in a field of %s", (_, validator, accepted) => {
    const table = defineTable({ f: validator as Untyped }) as Untyped;
    expect(problem({ t: table.vectorIndex("i", { vectorField: "f", dimensions: 3 }) })).toBe(
      accepted
        ? undefined
        : 'In table "t" the vector index "i" is invalid because it references the field "f" that is neither an array of float64 or optional array of float64.',
    );
  });
});

describe("the error", () => {
  it("[SCH18] names table and index, and says where it comes from", () => {
    const error = refusal(exportSchema(defineSchema({ t: anything().index("i", ["a-b"]) })));
    expect(error).toMatchObject({
      name: "InvexError",
      code: "SchemaInvalid",
      kind: "user",
      fields: { table: "t", index: "i" },
    });
    expect(error.message).toBe(`${PREFIX}In table "t": In index "i": Invalid index field: "a-b"`);
  });

  it("[SCH18] is about the first table that breaks a rule", () => {
    const broken = { tableName: "b", documentType: { type: "string" } } as unknown as TableJSON;
    const { tables } = exportSchema(defineSchema({ a: anything(), b: anything(), c: anything() }));
    const json = {
      tables: [tables[0], { ...tables[1], ...broken }, { ...tables[2], tableName: "_" }],
    };
    expect(refusal(json as unknown as SchemaJSON).fields).toEqual({ table: "b" });
  });
});
