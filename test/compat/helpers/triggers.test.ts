// convex-helpers/server/triggers on Invex: code that runs with every write, inside its transaction.
// The module keeps locks in module scope, which outlive an execution here: a handler that fails with
// writes still under way must not leave them shut.

import { v } from "convex/values";
import { customCtx, customMutation } from "convex-helpers/server/customFunctions";
import { Triggers } from "convex-helpers/server/triggers";
import { describe, expect, it } from "vitest";
import type { Model, MutationCtx } from "./library";
import { mutation, openLibrary } from "./library";

const triggers = new Triggers<Model, MutationCtx>();
triggers.register("books", async (ctx, { operation, oldDoc, newDoc }) => {
  const line = `${operation} ${oldDoc?.title ?? "-"} ${newDoc?.title ?? "-"}`;
  await ctx.innerDb.insert("journal", { line });
});
triggers.register("books", async (ctx, { id, newDoc }) => {
  if (newDoc === null) return;
  const slug = newDoc.title.toLowerCase();
  if (newDoc.slug !== slug) await ctx.db.patch(id, { slug });
});
triggers.register("tags", async (_ctx, { newDoc }) => {
  if (newDoc?.name === "forbidden") throw new Error("the trigger objects");
});

const triggered = customMutation(
  mutation,
  customCtx((ctx: MutationCtx) => triggers.wrapDB(ctx)),
);

const functions = {
  life: triggered({
    args: { author: v.id("authors") },
    handler: async (ctx, { author }) => {
      const id = await ctx.db.insert("books", { author, title: "Fog", year: 2001 });
      await ctx.db.patch(id, { title: "Gale" });
      const book = await ctx.db.get(id);
      await ctx.db.replace(id, { author, title: "Haze", year: 2002 });
      await ctx.db.delete(id);
      return book?.slug;
    },
  }),
  many: triggered({
    args: { author: v.id("authors") },
    handler: async (ctx, { author }) => {
      const add = (title: string) => ctx.db.insert("books", { author, title, year: 2003 });
      await Promise.all(["X", "Y", "Z"].map(add));
    },
  }),
  objects: triggered({
    args: {},
    handler: async (ctx) => {
      await ctx.db.insert("tags", { name: "fine" });
      await ctx.db.insert("tags", { name: "forbidden" });
    },
  }),
  failsMidway: triggered({
    args: { author: v.id("authors") },
    handler: async (ctx, { author }) => {
      const writes = ["P", "Q"].map((title) => ctx.db.insert("books", { author, title, year: 1 }));
      await Promise.all([...writes, Promise.reject(new Error("midway"))]);
    },
  }),
};

describe("triggers", () => {
  it("[HLP3] see every write, and what they write triggers again", async () => {
    const { backend, authors } = await openLibrary(functions);
    expect(await backend.mutation("m:life", { author: authors.ann })).toBe("gale");
    const lines: string[] = await backend.query("library:journal");
    expect(lines.filter((line) => line.startsWith("insert"))).toEqual(["insert - Fog"]);
    expect(lines).toContain("update Fog Gale");
    expect(lines.at(-1)).toMatch(/^delete Haze -$/);
  });

  it("[HLP3] keep parallel writes apart", async () => {
    const { backend, authors } = await openLibrary(functions);
    await backend.mutation("m:many", { author: authors.ben });
    const lines: string[] = await backend.query("library:journal");
    expect(lines.filter((line) => line.startsWith("insert"))).toEqual([
      "insert - X",
      "insert - Y",
      "insert - Z",
    ]);
  });

  it("[HLP3] that throw undo the whole mutation", async () => {
    const { backend } = await openLibrary(functions);
    await expect(backend.mutation("m:objects")).rejects.toThrow("the trigger objects");
    const tags = await backend.run((ctx) => ctx.db.query("tags" as "things").collect());
    expect(tags.map((tag) => tag.name)).toEqual(["sea", "war"]);
  });

  it("[HLP3] work again after a mutation that failed with writes under way", async () => {
    const { backend, authors } = await openLibrary(functions);
    const author = authors.ann;
    await expect(backend.mutation("m:failsMidway", { author })).rejects.toThrow("midway");
    expect(await backend.mutation("m:life", { author })).toBe("gale");
    expect(await backend.query("library:titles")).toHaveLength(5);
  });

  it("[HLP3] work in mutations that run at the same time", async () => {
    const { backend, authors } = await openLibrary(functions);
    const run = () => backend.mutation("m:many", { author: authors.ben });
    await Promise.all([run(), run(), run()]);
    const lines: string[] = await backend.query("library:journal");
    expect(lines.filter((line) => line.startsWith("insert"))).toHaveLength(9);
  });
});
