// A hundred small tests: a fresh backend, five inserts, two reads by index, a patch.
import { convexTest } from "convex-test";
import { expect, test } from "vitest";
import { timed } from "./clock";
import { api } from "./convex/_generated/api";
import schema from "./convex/schema";

const modules = import.meta.glob("./convex/**/*.ts");
timed();

test.each(Array.from({ length: 100 }, (_, i) => i))("test %i", async () => {
  const t = convexTest(schema, modules);
  for (let rank = 0; rank < 5; rank++) {
    await t.mutation(api.tasks.add, {
      name: `task ${rank}`,
      owner: rank % 2 ? "ada" : "bob",
      rank,
    });
  }
  const tasks = await t.query(api.tasks.list, { owner: "ada" });
  expect(tasks.map(({ rank }: { rank: number }) => rank)).toEqual([1, 3]);
  await t.mutation(api.tasks.finish, { id: tasks[0]._id });
  expect((await t.query(api.tasks.list, { owner: "ada" }))[0].done).toBe(true);
  await t.run(async (ctx) => {
    expect(await ctx.db.query("tasks").collect()).toHaveLength(5);
  });
});
