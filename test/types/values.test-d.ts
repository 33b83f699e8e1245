import * as convexServer from "convex/server";
import type * as theirs from "convex/values";
import { v as theirV } from "convex/values";
import type {
  AsObjectValidator,
  GenericId,
  GenericValidator,
  Infer,
  ObjectType,
  PropertyValidators,
  VAny,
  VArray,
  Validator,
  Value,
  VId,
  VLiteral,
  VNull,
  VObject,
  VOptional,
  VString,
  VUnion,
} from "invex/values";
import { asObjectValidator, ConvexError, jsonToConvex, v } from "invex/values";
import { describe, expectTypeOf, it } from "vitest";

const message = v.object({
  author: v.id("users"),
  body: v.string(),
  likes: v.optional(v.number()),
  at: v.int64(),
  raw: v.bytes(),
  tags: v.array(v.string()),
  kind: v.union(v.literal("a"), v.literal(1), v.literal(2n), v.literal(true)),
  meta: v.optional(v.object({ deep: v.optional(v.object({ x: v.null() })), any: v.any() })),
  scores: v.record(v.id("users"), v.number()),
  maybe: v.nullable(v.boolean()),
});

const theirMessage = theirV.object({
  author: theirV.id("users"),
  body: theirV.string(),
  likes: theirV.optional(theirV.number()),
  at: theirV.int64(),
  raw: theirV.bytes(),
  tags: theirV.array(theirV.string()),
  kind: theirV.union(
    theirV.literal("a"),
    theirV.literal(1),
    theirV.literal(2n),
    theirV.literal(true),
  ),
  meta: theirV.optional(
    theirV.object({
      deep: theirV.optional(theirV.object({ x: theirV.null() })),
      any: theirV.any(),
    }),
  ),
  scores: theirV.record(theirV.id("users"), theirV.number()),
  maybe: theirV.nullable(theirV.boolean()),
});

describe("inference", () => {
  it("[VLD24] says what a validator accepts, exactly", () => {
    expectTypeOf<Infer<typeof message>>().toEqualTypeOf<{
      author: GenericId<"users">;
      body: string;
      likes?: number;
      at: bigint;
      raw: ArrayBuffer;
      tags: string[];
      kind: "a" | 1 | 2n | true;
      meta?: {
        deep?: { x: null };
        // biome-ignore lint/suspicious/noExplicitAny: what v.any() infers.
        any: any;
      };
      scores: Record<GenericId<"users">, number>;
      maybe: boolean | null;
    }>();
  });

  it("[VLD24] is the same as Convex's", () => {
    expectTypeOf<Infer<typeof message>>().toEqualTypeOf<theirs.Infer<typeof theirMessage>>();
    expectTypeOf<typeof message.fieldPaths>().toEqualTypeOf<typeof theirMessage.fieldPaths>();
    expectTypeOf<typeof message.isOptional>().toEqualTypeOf<"required">();
    expectTypeOf<ObjectType<typeof message.fields>>().toEqualTypeOf<
      theirs.ObjectType<typeof theirMessage.fields>
    >();
  });

  it("[VLD24] knows each class by name", () => {
    expectTypeOf(v.id("t")).toEqualTypeOf<VId<GenericId<"t">, "required">>();
    expectTypeOf(v.string()).toEqualTypeOf<VString<string, "required">>();
    expectTypeOf(v.optional(v.string())).toEqualTypeOf<VString<string | undefined, "optional">>();
    expectTypeOf(v.array(v.null())).toEqualTypeOf<VArray<null[], VNull, "required">>();
    expectTypeOf(v.literal("x")).toEqualTypeOf<VLiteral<"x", "required">>();
    expectTypeOf(v.any()).toEqualTypeOf<VAny>();
    expectTypeOf(v.union(v.null(), v.string())).toEqualTypeOf<
      VUnion<string | null, [VNull, VString], "required", never>
    >();
    expectTypeOf<VOptional<VString>>().toEqualTypeOf<VString<string | undefined, "optional">>();
  });

  it("[VLD24] follows pick, omit, partial and extend", () => {
    const user = v.object({ name: v.string(), age: v.optional(v.number()), email: v.string() });
    const name = user.pick("name");
    expectTypeOf<typeof name.type>().toEqualTypeOf<{ name: string }>();
    const rest = user.omit("name", "email");
    expectTypeOf<typeof rest.type>().toEqualTypeOf<{ age?: number }>();
    const patch = user.partial();
    expectTypeOf<typeof patch.type>().toEqualTypeOf<{
      name?: string;
      age?: number;
      email?: string;
    }>();
    const more = user.omit("email").extend({ id: v.id("users"), nick: v.optional(v.string()) });
    expectTypeOf<typeof more.type>().toEqualTypeOf<{
      name: string;
      age?: number;
      id: GenericId<"users">;
      nick?: string;
    }>();
    expectTypeOf<typeof more.fieldPaths>().toEqualTypeOf<"name" | "age" | "id" | "nick">();
  });

  it("[VLD24] goes through asObjectValidator", () => {
    const fields = { a: v.string(), b: v.optional(v.number()) };
    const object = asObjectValidator(fields);
    expectTypeOf<typeof object.type>().toEqualTypeOf<{ a: string; b?: number }>();
    expectTypeOf(asObjectValidator(v.string())).toEqualTypeOf<VString>();
    expectTypeOf<AsObjectValidator<VString>>().toEqualTypeOf<VString>();
  });
});

describe("misuse", () => {
  it("[VLD24] does not compile", () => {
    const user = v.object({ name: v.string() });
    // @ts-expect-error: a table name is a string
    v.id(5);
    // @ts-expect-error: null is no literal; there is v.null()
    v.literal(null);
    // @ts-expect-error: fields are validators, not values
    v.object({ a: "string" });
    // @ts-expect-error: elements cannot be missing
    v.array(v.optional(v.string()));
    // @ts-expect-error: members cannot be missing
    v.union(v.optional(v.string()));
    // @ts-expect-error: the keys of a record are strings
    v.record(v.number(), v.any());
    // @ts-expect-error: values of a record cannot be missing
    v.record(v.string(), v.optional(v.any()));
    // @ts-expect-error: there is no such field to pick
    user.pick("nickname");
    // @ts-expect-error: there is no such field to omit
    user.omit("nickname");
    // @ts-expect-error: what extends an object is validators
    user.extend({ age: 5 });
    // @ts-expect-error: a required field is missing
    const missing: Infer<typeof user> = {};
    // @ts-expect-error: ids of two tables do not mix
    const id: Infer<VId<GenericId<"a">>> = "x" as GenericId<"b">;
    // @ts-expect-error: a Date is no Convex value
    const date: Value = new Date();
    // @ts-expect-error: a function is no Convex value
    new ConvexError(() => 1);
    // @ts-expect-error: undefined is no JSON
    jsonToConvex(undefined);
    return [missing, id, date];
  });
});

describe("beside convex", () => {
  it("[VLD6] validators are assignable in both directions", () => {
    expectTypeOf<typeof message>().toExtend<typeof theirMessage>();
    expectTypeOf<typeof theirMessage>().toExtend<typeof message>();
    expectTypeOf<GenericValidator>().toExtend<theirs.GenericValidator>();
    expectTypeOf<theirs.GenericValidator>().toExtend<GenericValidator>();
    expectTypeOf<PropertyValidators>().toExtend<theirs.PropertyValidators>();
    expectTypeOf<theirs.PropertyValidators>().toExtend<PropertyValidators>();
    expectTypeOf<Validator<string>>().toExtend<theirs.Validator<string>>();
    expectTypeOf<theirs.Validator<string>>().toExtend<Validator<string>>();
    expectTypeOf<theirs.VObject<{ a: string }, { a: theirs.VString }>>().toExtend<
      VObject<{ a: string }, { a: VString }>
    >();
  });

  it("[VLD6] each package's Infer works on the other's", () => {
    expectTypeOf<theirs.Infer<typeof message>>().toEqualTypeOf<Infer<typeof message>>();
    expectTypeOf<Infer<typeof theirMessage>>().toEqualTypeOf<Infer<typeof message>>();
  });

  it("[VLD6] validators nest in each other", () => {
    const mixed = v.object({
      theirs: theirMessage,
      own: v.optional(theirV.object({ a: v.string() })),
    });
    expectTypeOf<typeof mixed.type.theirs>().toEqualTypeOf<Infer<typeof message>>();
    expectTypeOf<typeof mixed.type.own>().toEqualTypeOf<{ a: string } | undefined>();
    const reversed = theirV.object({
      ours: message,
      own: theirV.optional(v.object({ a: v.string() })),
    });
    expectTypeOf<typeof reversed.type.ours>().toEqualTypeOf<Infer<typeof message>>();
    expectTypeOf<typeof reversed.type.own>().toEqualTypeOf<{ a: string } | undefined>();
  });

  it("[VLD6] convex/server takes ours", () => {
    const table = convexServer.defineTable(message).index("by_deep", ["body", "meta.deep.x"]);
    const fields = convexServer
      .defineTable({ a: v.string(), b: v.optional(v.object({ c: v.number() })) })
      .index("by_a", ["a", "b.c"]);
    const union = convexServer.defineTable(
      v.union(v.object({ k: v.literal("x") }), v.object({ n: v.number() })),
    );
    const schema = convexServer.defineSchema({ table, fields, union });
    type Model = convexServer.DataModelFromSchemaDefinition<typeof schema>;
    expectTypeOf<Model["fields"]["document"]>().toEqualTypeOf<{
      _id: GenericId<"fields">;
      _creationTime: number;
      a: string;
      b?: { c: number };
    }>();
    // @ts-expect-error: there is no such field to index
    convexServer.defineTable({ a: v.string() }).index("by_b", ["b"]);
    convexServer.queryGeneric({
      args: { id: v.id("users"), filter: v.optional(message.pick("likes", "kind")) },
      returns: v.nullable(v.string()),
      handler: (_ctx, args) => {
        expectTypeOf(args).toEqualTypeOf<{
          id: GenericId<"users">;
          filter?: { likes?: number; kind: "a" | 1 | 2n | true };
        }>();
        return null;
      },
    });
  });

  it("[VLD6] values are assignable, the commit timestamp placeholder one way", () => {
    expectTypeOf<theirs.Value>().toExtend<Value>();
    expectTypeOf<GenericId<"t">>().toEqualTypeOf<theirs.GenericId<"t">>();
  });
});
