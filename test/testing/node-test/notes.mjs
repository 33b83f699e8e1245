/** Run by `node --import tsx --test`: `convexTest` without Vite, modules from a folder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { modulesFrom } from "../../../src/functions/modules-from.ts";
import { convexTest } from "../../../src/testing/index.ts";
import schema from "../app/convex/schema.ts";

const modules = modulesFrom(new URL("../app/convex/", import.meta.url));

test("functions, errors and scheduled functions", async () => {
  const t = convexTest(schema, modules);
  await t.mutation("notes:add", { text: "hi", author: "ada" });
  assert.equal(await t.query("notes:count"), 1);
  await assert.rejects(
    t.mutation("notes:add", { text: "", author: "ada" }),
    /^Error: a note needs/,
  );
  await t.mutation("jobs:start", { left: 1 });
  await t.finishAllScheduledFunctions(() => {});
  const lines = await t.run(async (ctx) => (await ctx.db.query("log").collect()).length);
  assert.equal(lines, 2);
});

test("concurrently", { concurrency: true }, async () => {
  const counts = [1, 2, 3].map(async (count) => {
    const t = convexTest({ schema, modules });
    for (let i = 0; i < count; i++) await t.mutation("notes:add", { text: "hi", author: "ada" });
    return t.query("notes:count");
  });
  assert.deepEqual(await Promise.all(counts), [1, 2, 3]);
});
