/** What a schema says about its documents and indexes, in types. */

import type { DataModelFromSchemaDefinition, Doc, Id } from "invex/server";
import { defineSchema, defineTable, docValidator, functionsFor } from "invex/server";
import type { Infer } from "invex/values";
import { v } from "invex/values";
import { describe, expectTypeOf, it } from "vitest";
import { schema } from "./fixture";

type DataModel = DataModelFromSchemaDefinition<typeof schema>;

describe("documents", () => {
  it("[SCH1] have the declared fields and the system fields", () => {
    expectTypeOf<Doc<typeof schema, "users">>().toEqualTypeOf<{
      _id: Id<"users">;
      _creationTime: number;
      name: string;
      age?: number;
      address: { city: string; zip: string | null };
      tags: string[];
      embedding: number[];
      settings: Record<string, boolean>;
      // biome-ignore lint/suspicious/noExplicitAny: what v.any() means
      extra: any;
    }>();
    expectTypeOf<Doc<typeof schema, "messages">>().toEqualTypeOf<
      | {
          _id: Id<"messages">;
          _creationTime: number;
          kind: "text";
          author: Id<"users">;
          body: string;
        }
      | {
          _id: Id<"messages">;
          _creationTime: number;
          kind: "file";
          author: Id<"users">;
          file: Id<"_storage">;
        }
    >();
    // @ts-expect-error the schema lists no such table
    type _NoTable = Doc<typeof schema, "rooms">;
  });

  it("[SCH1] have ids of their own table only", () => {
    expectTypeOf<Id<"users">>().toExtend<string>();
    expectTypeOf<Id<"users">>().not.toExtend<Id<"messages">>();
    expectTypeOf<string>().not.toExtend<Id<"users">>();
  });

  it("[SCH7] are what schema.doc and docValidator accept", () => {
    const user = schema.doc("users");
    expectTypeOf<Infer<typeof user>>().toExtend<Doc<typeof schema, "users">>();
    expectTypeOf<Doc<typeof schema, "users">>().toExtend<Infer<typeof user>>();
    const message = docValidator("messages", schema.tables.messages);
    expectTypeOf<Infer<typeof message>>().toExtend<Doc<typeof schema, "messages">>();
    expectTypeOf<Doc<typeof schema, "messages">>().toExtend<Infer<typeof message>>();
    expectTypeOf(schema.id("users").type).toEqualTypeOf<Id<"users">>();
    // @ts-expect-error the schema lists no such table
    schema.doc("rooms");
    // @ts-expect-error the schema lists no such table
    schema.id("rooms");
  });
});

describe("indexes", () => {
  it("[SCH2] are known with their fields, the tiebreaker included; staged ones are not", () => {
    expectTypeOf<DataModel["users"]["indexes"]>().toEqualTypeOf<{
      by_name: ["name", "_creationTime"];
      by_city_age: ["address.city", "age", "_creationTime"];
      by_extra: ["extra.anything", "_creationTime"];
      by_id: ["_id"];
      by_creation_time: ["_creationTime"];
    }>();
  });

  it("[SCH2] may only name paths the documents can have", () => {
    const table = defineTable({ a: v.string(), b: v.object({ c: v.number() }) });
    table.index("i", ["a", "b.c", "b"]);
    // @ts-expect-error documents have no such field
    table.index("i", ["d"]);
    // @ts-expect-error nor such a nested one
    table.index("i", ["b.d"]);
    // @ts-expect-error an index has at least one field
    table.index("i", []);
    // @ts-expect-error the id is not for indexes
    table.index("i", ["_id"]);
    // @ts-expect-error a search index has one search field
    table.searchIndex("i", { filterFields: ["a"] });
    // @ts-expect-error a vector index has dimensions
    table.vectorIndex("i", { vectorField: "a" });
    // @ts-expect-error filter fields are paths as well
    table.searchIndex("i", { searchField: "a", filterFields: ["z"] });
  });
});

describe("tables", () => {
  it("[SCH3] hold objects", () => {
    defineTable(v.any());
    defineTable(v.union(v.object({ a: v.string() }), v.object({ b: v.string() })));
    // @ts-expect-error documents are objects
    defineTable(v.string());
    // @ts-expect-error fields are validators
    defineTable({ a: "string" });
    // @ts-expect-error a schema is made of tables
    defineSchema({ users: { name: v.string() } });
  });

  it("[SCH4] outside of the schema exist only when it is loose", () => {
    const loose = defineSchema(
      { users: defineTable({ a: v.string() }) },
      {
        strictTableNameTypes: false,
      },
    );
    functionsFor(loose).query((ctx) => ctx.db.query("rooms").collect());
    functionsFor(loose).query((ctx) => ctx.db.query("users").collect());
    const strict = functionsFor(schema);
    // @ts-expect-error the schema lists no such table
    strict.query((ctx) => ctx.db.query("rooms").collect());
  });
});
