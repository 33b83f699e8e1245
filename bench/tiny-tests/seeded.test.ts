// A hundred tests that begin with data: 50 documents in each of the ten tables, then ten reads by
// index and a patch.
import { convexTest } from "convex-test";
import { expect, test } from "vitest";
import { timed } from "./clock";
import { api } from "./convex/_generated/api";
import schema from "./convex/schema";

const modules = import.meta.glob("./convex/**/*.ts");
const tables = Object.keys(schema.tables) as "tasks"[];
timed();

test.each(Array.from({ length: 100 }, (_, i) => i))("test %i", async () => {
  const t = convexTest(schema, modules);
  await t.run(async (ctx) => {
    for (const table of tables) {
      for (let rank = 0; rank < 50; rank++) {
        await ctx.db.insert(table, { name: "thing", owner: `owner ${rank % 10}`, rank, tags: [] });
      }
    }
  });
  for (let owner = 0; owner < 10; owner++) {
    expect(await t.query(api.tasks.list, { owner: `owner ${owner}` })).toHaveLength(5);
  }
  const [first] = await t.query(api.tasks.list, { owner: "owner 1" });
  await t.mutation(api.tasks.finish, { id: first._id });
  expect((await t.query(api.tasks.list, { owner: "owner 1" }))[0].done).toBe(true);
});
