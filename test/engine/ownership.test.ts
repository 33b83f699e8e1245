// Law 8: what a handler read, a caller got or a listener was told can be scribbled on; the store,
// the cache and everybody else stay as they were.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query, refs, watch } from "../fixtures/lab";

// biome-ignore lint/suspicious/noExplicitAny: scribbling respects no types
type Untyped = any;

const original = () => ({
  n: 1,
  deep: { path: 1, list: [1, { x: 1 }] },
  raw: new Uint8Array([1, 2]).buffer,
});

/** Changes everything that can be changed. */
function scribble(value: Untyped): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  if (value instanceof ArrayBuffer) new Uint8Array(value).fill(9);
  else for (const member of Object.values(value)) scribble(member);
  if (Array.isArray(value)) value.push("scribble");
  else if (!(value instanceof ArrayBuffer)) value.scribble = true;
}

const all = query(async (ctx) => {
  const rows = await ctx.db.query("things").collect();
  return rows.map(({ _id, _creationTime, ...fields }) => fields);
});

const add = mutation({
  args: { fields: v.any() },
  handler: (ctx, { fields }) => ctx.db.insert("things", fields),
});

async function stored(functions: Record<string, unknown> = {}) {
  const { backend } = createLab({ all, add, ...functions });
  await backend.mutation("m:add", { fields: original() });
  return backend;
}

describe("a handler", () => {
  it("[OWN1] may do what it likes with what it read, on every path of reading", async () => {
    const backend = await stored({
      vandal: mutation(async (ctx) => {
        const db = ctx.db;
        const [row] = await db.query("things").collect();
        const again = [
          await db.get(row!._id),
          await db.query("things").first(),
          await db.query("things").unique(),
          (await db.query("things").take(1))[0],
          (await db.query("things").paginate({ numItems: 1, cursor: null })).page[0],
          await ctx.runQuery(refs.query("all")),
        ];
        for await (const each of db.query("things")) scribble(each);
        for (const each of [row, ...again]) scribble(each);
        const { _id, _creationTime, ...fields } = (await db.get(row!._id))!;
        return fields;
      }),
    });
    expect(await backend.mutation("m:vandal")).toEqual(original());
    expect(await backend.query("m:all")).toEqual([original()]);
  });

  it("[OWN2] may change what it wrote after writing it", async () => {
    const { backend } = createLab({
      all,
      write: mutation(async (ctx) => {
        const value = original();
        const id = await ctx.db.insert("things", value);
        scribble(value);
        const patch = { deep: original().deep };
        await ctx.db.patch(id, patch);
        scribble(patch);
        const whole = original();
        await ctx.db.replace(id, whole);
        scribble(whole);
      }),
    });
    await backend.mutation("m:write");
    expect(await backend.query("m:all")).toEqual([original()]);
  });

  it("[OWN2] may change its arguments, also when it runs again", async () => {
    let runs = 0;
    const seen: unknown[] = [];
    const backend = await stored({
      greedy: mutation({
        args: { given: v.any() },
        handler: async (ctx, { given }) => {
          seen.push(structuredClone(given));
          scribble(given);
          const row = await ctx.db.query("things").first();
          runs += 1;
          if (runs === 1) await backend.mutation("m:add", { fields: { n: 0 } });
          await ctx.db.patch(row!._id, { n: 2 });
          await ctx.db.query("things").collect();
        },
      }),
    });
    const given = original();
    await backend.mutation("m:greedy", { given });
    expect(runs).toBe(2);
    expect(seen).toEqual([original(), original()]);
    expect(given).toEqual(original());
  });
});

describe("a caller", () => {
  it("[OWN3] may do what it likes with what it got, cached or not", async () => {
    const backend = await stored();
    for (let i = 0; i < 3; i++) {
      const result = await backend.query("m:all");
      expect(result).toEqual([original()]);
      scribble(result);
    }
    const live = watch(backend, "m:all");
    await delivered(backend);
    const result = await backend.query("m:all");
    scribble(result);
    expect(live.values()).toEqual([[original()]]);
    expect(await backend.query("m:all")).toEqual([original()]);
  });

  it("[OWN3] may change what it gave, and what onCommit told", async () => {
    const { backend } = createLab({ all, add });
    backend.onCommit(scribble);
    const fields = original();
    const pending = backend.mutation("m:add", { fields });
    scribble(fields);
    await pending;
    expect(await backend.query("m:all")).toEqual([original()]);
  });
});

describe("a subscriber", () => {
  it("[OWN4] gets frozen results, shared with the one before where nothing changed", async () => {
    const backend = await stored();
    await backend.mutation("m:add", { fields: { n: 2, deep: { path: 2 } } });
    const [one, two] = [watch(backend, "m:all"), watch(backend, "m:all")];
    await delivered(backend);
    await backend.mutation("m:add", { fields: { n: 3 } });
    await delivered(backend);
    const [before, after] = one.values();
    expect(two.values()).toEqual(one.values());
    expect(after).toHaveLength(3);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(() => after.push(1)).toThrow(TypeError);
    expect(() => {
      after[0].deep.list[1].x = 2;
    }).toThrow(TypeError);
    expect(Object.isFrozen(after[0].deep.list[1])).toBe(true);
  });

  it("[OWN5] that throws keeps nobody else from hearing, and hears again itself", async () => {
    const backend = await stored();
    const heard: string[] = [];
    const reports: unknown[] = [];
    const report = console.error;
    console.error = (...parts) => reports.push(parts);
    try {
      backend.onCommit(() => {
        throw new Error("a bad onCommit listener");
      });
      backend.subscribe("m:all", {}, () => {
        heard.push("bad");
        throw new Error("a bad listener");
      });
      backend.subscribe("m:all", {}, () => heard.push("good"));
      await delivered(backend);
      await backend.mutation("m:add", { fields: { n: 2 } });
      await delivered(backend);
    } finally {
      console.error = report;
    }
    expect(heard.sort()).toEqual(["bad", "bad", "good", "good"]);
    expect(reports.length).toBeGreaterThanOrEqual(2);
    expect(await backend.query("m:all")).toHaveLength(2);
  });
});
