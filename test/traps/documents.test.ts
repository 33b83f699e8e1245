// Traps of single documents: system fields, no-op writes, unknown tables, creation times, ids.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query, watch } from "../fixtures/lab";

describe("system fields", () => {
  it("[TRAP6] insert refuses _id and _creationTime, replace takes the document's own", async () => {
    const { backend } = createLab();
    const id = await backend.run((ctx) => ctx.db.insert("things", { n: 1 }));
    await expect(backend.run((ctx) => ctx.db.insert("things", { _id: id, n: 2 }))).rejects.toThrow(
      /Provided document ID ".*" doesn't match '_id' field/,
    );
    await expect(
      backend.run((ctx) => ctx.db.insert("things", { _creationTime: 5, n: 2 })),
    ).rejects.toThrow("doesn't match '_creationTime' field");
    const replaced = await backend.run(async (ctx) => {
      const doc = await ctx.db.get(id);
      await ctx.db.replace(id, { ...doc, n: 3 });
      return [doc, await ctx.db.get(id)];
    });
    expect(replaced[1]).toEqual({ ...replaced[0], n: 3 });
  });

  it("[TRAP18] creation times increase within one mutation while the clock stands still", async () => {
    const times: number[] = [];
    const { backend } = createLab({
      fill: mutation(async (ctx) => {
        const before = Date.now();
        const ids = [];
        for (let n = 0; n < 5; n += 1) ids.push(await ctx.db.insert("things", { n }));
        for (const id of ids) times.push((await ctx.db.get(id))?._creationTime ?? 0);
        return Date.now() === before;
      }),
    });
    expect(await backend.mutation("m:fill")).toBe(true);
    expect(times).toHaveLength(5);
    expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
    expect(times[4]! - times[0]!).toBeLessThan(1);
  });
});

describe("writes that change nothing", () => {
  it("[TRAP7] a patch to identical content re-runs nothing and counts nothing", async () => {
    let runs = 0;
    const { backend } = createLab({
      add: mutation((ctx) => ctx.db.insert("things", { n: 1, list: [{ x: 1n }] })),
      touch: mutation(async (ctx) => {
        const doc = await ctx.db.query("things").first();
        await ctx.db.patch(doc!._id, { n: 1, list: [{ x: 1n }], gone: undefined });
        await ctx.db.replace(doc!._id, { n: 1, list: [{ x: 1n }] });
        return (await ctx.meta.getTransactionMetrics()).documentsWritten.used;
      }),
      all: query(async (ctx) => {
        runs += 1;
        return (await ctx.db.query("things").collect()).length;
      }),
    });
    await backend.mutation("m:add");
    const live = watch(backend, "m:all");
    await delivered(backend);
    expect(runs).toBe(1);
    expect(await backend.mutation("m:touch")).toBe(0);
    await delivered(backend);
    expect(runs).toBe(1);
    expect(live.values()).toEqual([1]);
  });
});

describe("tables nobody has written to", () => {
  it("[TRAP8] a full scan is empty, any index is unknown", async () => {
    const { backend } = createLab();
    const scan = await backend.run((ctx) => ctx.db.query("nowhere" as "things").collect());
    expect(scan).toEqual([]);
    await expect(
      backend.run((ctx) =>
        ctx.db
          .query("nowhere" as "things")
          .withIndex("by_creation_time")
          .collect(),
      ),
    ).rejects.toThrow("Index nowhere.by_creation_time not found.");
  });
});

describe("ids", () => {
  const takesPerson = mutation({ args: { id: v.id("people") }, handler: async () => "ok" });

  it("[TRAP26] v.id accepts the id of a deleted document", async () => {
    const { backend } = createLab({ takesPerson });
    const id = await backend.run(async (ctx) => {
      const person = await ctx.db.insert("people", { name: "gone" });
      await ctx.db.delete(person);
      return person;
    });
    expect(await backend.mutation("m:takesPerson", { id })).toBe("ok");
  });

  it("[TRAP26] v.id rejects another table's id, the path glued to the sentence", async () => {
    const { backend } = createLab({ takesPerson });
    const id = await backend.run((ctx) => ctx.db.insert("others", {}));
    await expect(backend.mutation("m:takesPerson", { id })).rejects.toThrow(
      `ArgumentValidationError: Found ID "${id}" from table \`others\`, which does not match the table name in validator \`v.id("people")\`.Path: .id`,
    );
  });

  it("[TRAP27] normalizeId answers null to everything that is no id of the table", async () => {
    const { backend } = createLab();
    const answers = await backend.run(async (ctx) => {
      const thing = await ctx.db.insert("things", {});
      const other = await ctx.db.insert("others", {});
      const strings = ["", "zzz", "not an id!", `${thing}x`, thing.toUpperCase(), other, "\u0000"];
      const normalized = strings.map((text) => ctx.db.normalizeId("things", text));
      return { normalized, own: ctx.db.normalizeId("things", thing) === thing };
    });
    expect(answers.normalized).toEqual(answers.normalized.map(() => null));
    expect(answers.own).toBe(true);
  });
});
