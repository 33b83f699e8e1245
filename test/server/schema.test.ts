// Schemas: what they export, compared with convex; how the engine reads them.

import * as fc from "fast-check";
import * as invex from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { exportSchema } from "../../src/server/schema-json";
import { convexSchema, schema } from "../types/fixture";
import { expectAlike, type Front } from "./fronts";

const exported = (definition: { export(): string }) => definition.export();

describe("schema.export()", () => {
  it("[SCH5] is the JSON convex exports, character by character", () => {
    expect(exported(schema as never)).toBe(exported(convexSchema as never));
  });

  it.each<[string, (front: Front) => unknown]>([
    ["no tables", ({ s }) => s.defineSchema({}).export()],
    ["no validation", ({ s }) => s.defineSchema({}, { schemaValidation: false }).export()],
    [
      "validation undefined",
      ({ s }) => s.defineSchema({}, { schemaValidation: undefined }).export(),
    ],
    ["any documents", ({ s, v }) => s.defineSchema({ a: s.defineTable(v.any()) }).export()],
    ["no object at all", ({ s, v }) => s.defineSchema({ a: s.defineTable(v.string()) }).export()],
    [
      "every kind of index, live and staged",
      ({ s, v }) =>
        s
          .defineSchema({
            a: s
              .defineTable({ x: v.string(), y: v.optional(v.array(v.float64())) })
              .index("i", ["x", "y"])
              .index("j", { fields: ["x"] })
              .index("k", { fields: ["y"], staged: true })
              .searchIndex("l", { searchField: "x" })
              .searchIndex("m", { searchField: "x", filterFields: ["y"], staged: true })
              .vectorIndex("n", { vectorField: "y", dimensions: 3 })
              .vectorIndex("o", {
                vectorField: "y",
                dimensions: 4,
                filterFields: ["x"],
                staged: true,
              }),
          })
          .export(),
    ],
    [
      "indexes listed for libraries",
      ({ s, v }) => s.defineTable({ x: v.string() }).index("i", ["x"])[" indexes"](),
    ],
    ["a field without validator", ({ s }) => s.defineTable({ x: undefined })],
    ["a field that is no validator", ({ s }) => s.defineTable({ x: "string" })],
  ])("[SCH5] %s", (_, declare) => {
    expectAlike(declare);
  });

  it("[SCH5] of random tables is the same on both", () => {
    const names = fc.constantFrom("a", "b", "c_d", "e1");
    const fields = fc.dictionary(names, fc.constantFrom("string", "number", "any", "boolean"), {
      minKeys: 1,
    });
    const indexes = fc.array(fc.tuple(names, fc.array(names, { minLength: 1 }), fc.boolean()));
    fc.assert(
      fc.property(fields, indexes, fc.boolean(), (fields, indexes, schemaValidation) => {
        expectAlike(({ s, v }) => {
          const validators = Object.entries(fields).map(([name, kind]) => [name, v[kind]()]);
          let table = s.defineTable(Object.fromEntries(validators));
          for (const [name, fields, staged] of indexes)
            table = table.index(name, { fields, staged });
          return s.defineSchema({ t: table }, { schemaValidation }).export();
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe("staging", () => {
  it.each<[string, (front: Front) => unknown]>([
    [
      "changed fields",
      ({ s, v }) => s.defineTable({ a: v.string(), b: v.number() }).staged({ b: v.any() }),
    ],
    [
      "a field removed",
      ({ s, v }) => s.defineTable({ a: v.string(), b: v.number() }).staged({ a: undefined }),
    ],
    ["fields on top of any", ({ s, v }) => s.defineTable(v.any()).staged({ a: v.string() })],
    ["a whole validator", ({ s, v }) => s.defineTable({ a: v.string() }).staged(v.any())],
    ["twice", ({ s, v }) => s.defineTable({ a: v.string() }).staged({}).staged({ a: v.any() })],
    ["fields of a union", ({ s, v }) => s.defineTable(v.union()).staged({ a: v.string() })],
    ["fields of a record", ({ s, v }) => s.defineTable(v.record(v.string(), v.any())).staged({})],
    ["a union for a union", ({ s, v }) => s.defineTable(v.union()).staged(v.union())],
  ])("[SCH6] %s", (_, declare) => {
    expectAlike((front) => front.s.defineSchema({ t: declare(front) }).export());
  });

  it("[SCH6] keeps the enforced validator", () => {
    const table = invex.defineTable({ a: v.string() });
    const { validator } = table;
    expect(table.staged({ a: v.any() })).toBe(table);
    expect(table.validator).toBe(validator);
  });
});

describe("validators of documents", () => {
  it.each<[string, (front: Front) => unknown]>([
    [
      "an object",
      ({ s, v }) => s.docValidator("t", s.defineTable({ a: v.optional(v.string()) })).json,
    ],
    [
      "a union of objects",
      ({ s, v }) =>
        s.docValidator("t", s.defineTable(v.union(v.object({ a: v.string() }), v.object({})))).json,
    ],
    ["any", ({ s, v }) => s.docValidator("t", s.defineTable(v.any())).json],
    ["a string", ({ s, v }) => s.docValidator("t", s.defineTable(v.string())).json],
    [
      "a record",
      ({ s, v }) => s.docValidator("t", s.defineTable(v.record(v.string(), v.any()))).json,
    ],
    [
      "schema.doc",
      ({ s, v }) => s.defineSchema({ t: s.defineTable({ a: v.string() }) }).doc("t").json,
    ],
    [
      "schema.id",
      ({ s, v }) => s.defineSchema({ t: s.defineTable({ a: v.string() }) }).id("t").json,
    ],
    [
      "doc of an unknown table",
      ({ s }) => s.defineSchema({ a: s.defineTable({}), b: s.defineTable({}) }).doc("t"),
    ],
    [
      "id of an unknown table",
      ({ s }) => s.defineSchema({ a: s.defineTable({}), b: s.defineTable({}) }).id("t"),
    ],
  ])("[SCH7] %s", (_, declare) => {
    expectAlike(declare);
  });
});

describe("a schema", () => {
  it("[SCH7] has no tables but its own", () => {
    const schema = invex.defineSchema({ a: invex.defineTable({}) }) as unknown as {
      id(table: string): unknown;
    };
    expect(() => schema.id("toString")).toThrow('Table "toString" is not in this schema.');
  });

  it.each([undefined, {}, { export: 5 }])(
    "[SCH8] with %j for a table is refused by name",
    (table) => {
      const schema = invex.defineSchema({ users: table as never });
      expect(() => exportSchema(schema)).toThrow('Table "users" of the schema was not made by');
    },
  );
});

describe("exportSchema", () => {
  it("[SCH8] reads schemas of both packages alike", () => {
    expect(exportSchema(schema)).toEqual(exportSchema(convexSchema));
    expect(exportSchema(schema).tables.map(({ tableName }) => tableName)).toEqual([
      "users",
      "messages",
    ]);
  });

  it("[SCH8] fills in what older versions leave out", () => {
    const old = {
      tables: [{ tableName: "t", indexes: [], searchIndexes: [], documentType: null }],
    };
    expect(exportSchema({ export: () => JSON.stringify(old) })).toEqual({
      tables: [
        {
          tableName: "t",
          indexes: [],
          stagedDbIndexes: [],
          searchIndexes: [],
          stagedSearchIndexes: [],
          vectorIndexes: [],
          stagedVectorIndexes: [],
          documentType: { type: "any" },
        },
      ],
      schemaValidation: false,
    });
  });

  it("[SCH8] trims the dots around index fields, as Convex does", () => {
    const table = invex.defineTable(v.any()).index("i", [".a.b.", "c"]);
    expect(exportSchema(invex.defineSchema({ t: table })).tables[0]?.indexes).toEqual([
      { indexDescriptor: "i", fields: ["a.b", "c"] },
    ]);
  });

  it.each([undefined, null, {}, { tables: {} }, { export: () => "5" }, { export: () => "{}" }])(
    "[SCH8] refuses %j",
    (value) => {
      expect(() => exportSchema(value)).toThrow("Expected a schema made by `defineSchema`");
    },
  );
});
