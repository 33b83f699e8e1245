/** `invex/testing` in the place of convex-test: whoever takes the one's `t` takes the other's. */

import type { DataModelFromSchemaDefinition, GenericSchema, SchemaDefinition } from "convex/server";
import type * as mock from "convex-test";
import type { DataModelFromSchemaDefinition as Own } from "invex/server";
import { convexTest, type TestConvex, type TestConvexForDataModel } from "invex/testing";
import { describe, expectTypeOf, it } from "vitest";
import { api, internal } from "../testing/app/convex/_generated/api";
import schema from "../testing/app/convex/schema";

type Schema = typeof schema;
type OwnModel = Own<Schema>;
type Model = DataModelFromSchemaDefinition<Schema>;

describe("the types of invex/testing", () => {
  const t = convexTest(schema, {});

  it("[TST22] are assignable to convex-test's, as helpers of components ask for", () => {
    const register = (_: mock.TestConvex<SchemaDefinition<GenericSchema, boolean>>) => {};
    const helper = (_: mock.TestConvex<Schema>) => {};
    const asUser = (_: mock.TestConvexForDataModel<Model>) => {};
    register(t as never as TestConvex<SchemaDefinition<GenericSchema, boolean>>);
    helper(t);
    asUser(t);
    asUser(t.withIdentity({ name: "Ada" }));
  });

  it("[TST22] have convex-test's names", () => {
    expectTypeOf(t).toEqualTypeOf<TestConvex<Schema>>();
    const plain: TestConvexForDataModel<OwnModel> = t;
    expectTypeOf(plain.fetch).returns.resolves.toEqualTypeOf<Response>();
    const options = convexTest({ schema, modules: {}, transactionLimits: { bytesRead: 1 } });
    expectTypeOf(options).toEqualTypeOf<TestConvex<Schema>>();
  });

  it("[TST1] infer arguments and results", () => {
    expectTypeOf(t.query(internal.notes.count)).resolves.toBeNumber();
    expectTypeOf(t.mutation(api.notes.add, { text: "", author: "" })).resolves.toBeString();
    expectTypeOf(
      t.run(async (ctx) => (await ctx.db.query("notes").first())?.rank),
    ).resolves.toEqualTypeOf<number | undefined>();
    expectTypeOf(
      t.query(async (ctx) => (await ctx.db.query("log").collect()).length),
    ).resolves.toBeNumber();
    // @ts-expect-error a mutation is no query
    t.query(api.notes.add, { text: "", author: "" });
    // @ts-expect-error an argument is missing
    t.mutation(api.notes.add, { text: "" });
    // @ts-expect-error no such table
    t.run(async (ctx) => ctx.db.query("nothing").collect());
  });

  it("[TST15] subscriptions know what they deliver", () => {
    const count = t.subscribe(internal.notes.count, {});
    expectTypeOf(count.value).toEqualTypeOf<number | undefined>();
    expectTypeOf(count.next()).resolves.toBeNumber();
  });
});
