// Where convex-test differs on ids and documents (engine.md 10.2).

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import type { LabMutationCtx } from "../../fixtures/lab";
import { createLab, mutation, query } from "../../fixtures/lab";
import { START_MS } from "../../fixtures/stepped-clock";

const inRun = <T>(handler: (ctx: LabMutationCtx) => Promise<T>) => createLab().backend.run(handler);

describe("ids", () => {
  it("[DEV17] are checksummed base32 with the table number in front, in no order", async () => {
    const ids = await inRun(async (ctx) => {
      const all: string[] = [];
      for (let n = 0; n < 40; n += 1) all.push(await ctx.db.insert("things", { n }));
      return all;
    });
    expect(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{31,32}$/.test(id))).toBe(true);
    expect(new Set(ids.map((id) => id.slice(0, 2))).size).toBe(1);
    expect([...ids].sort()).not.toEqual(ids);
  });

  it("[DEV18] something that merely names the table is no id of it", async () => {
    const takes = query({ args: { id: v.id("things") }, handler: async () => "ok" });
    const { backend } = createLab({ takes });
    const normalized = await backend.run(async (ctx) => [
      ctx.db.normalizeId("things", "123things"),
      ctx.db.normalizeId("things", "1others"),
    ]);
    expect(normalized).toEqual([null, null]);
    await expect(backend.query("m:takes", { id: "123things" })).rejects.toThrow(
      'Value: "123things"\nValidator: v.id("things")',
    );
  });

  it("[DEV19] get with a malformed id throws", async () => {
    await expect(inRun((ctx) => ctx.db.get("zzz" as never))).rejects.toThrow(
      "Invalid argument `id` for `db.get`: Unable to decode ID: Invalid ID length",
    );
  });

  it("[DEV20] get in the table form names both tables", async () => {
    const wrongTable = inRun(async (ctx) => {
      const other = await ctx.db.insert("others", {});
      return await ctx.db.get("things", other as never);
    });
    await expect(wrongTable).rejects.toThrow(
      'Invalid argument `id` for `db.get`: expected to be an Id<"things">, got Id<"others"> instead.',
    );
    await expect(inRun((ctx) => ctx.db.get("things", "zzz" as never))).rejects.toThrow(
      "Invalid argument `id` for `db.get`: Unable to decode ID",
    );
  });

  it("[DEV21] user documents are not reached through db.system", async () => {
    const crossing = inRun(async (ctx) => {
      const id = await ctx.db.insert("things", {});
      return await ctx.db.system.get(id as never);
    });
    await expect(crossing).rejects.toThrow("User tables cannot be accessed with db.system.");
    await expect(inRun(async (ctx) => ctx.db.query("_storage" as never).collect())).rejects.toThrow(
      "System tables can only be accessed from db.system.query().",
    );
  });
});

describe("creation time", () => {
  it("[DEV22] begins at the clock and goes up by the smallest step", async () => {
    const times = await inRun(async (ctx) => {
      const ids = [await ctx.db.insert("things", {}), await ctx.db.insert("things", {})];
      return await Promise.all(ids.map(async (id) => (await ctx.db.get(id))?._creationTime ?? 0));
    });
    const [first, second] = times as [number, number];
    expect(Math.floor(first)).toBe(START_MS);
    expect(second).toBeGreaterThan(first);
    expect(second - first).toBeLessThan(0.001);
  });
});

describe("what may be written", () => {
  it("[DEV23] insert refuses system fields, in a table with a schema and in one without", async () => {
    await expect(inRun((ctx) => ctx.db.insert("things", { _id: "x" }))).rejects.toThrow(
      "doesn't match '_id' field",
    );
    await expect(
      inRun((ctx) => ctx.db.insert("people", { name: "a", _creationTime: 1 } as never)),
    ).rejects.toThrow("doesn't match '_creationTime' field");
  });

  it.each([
    ["array", [1]],
    ["string", "text"],
    ["number", 5],
    ["null", null],
  ])("[DEV24] no %s is a document", async (_what, value) => {
    await expect(inRun((ctx) => ctx.db.insert("things", value as never))).rejects.toThrow(
      "Invalid argument `value` for `db.insert`: Value must be an Object",
    );
    const patched = inRun(async (ctx) => {
      const id = await ctx.db.insert("things", {});
      await ctx.db.patch(id, value as never);
    });
    await expect(patched).rejects.toThrow(
      "Invalid argument `value` for `db.patch`: Value must be an Object",
    );
  });

  it("[DEV25] top-level fields may not start with an underscore, nested ones may", async () => {
    await expect(inRun((ctx) => ctx.db.insert("things", { _mine: 1 }))).rejects.toThrow(
      "Field '_mine' starts with an underscore, which is only allowed for system fields like '_id'",
    );
    const nested = await inRun(async (ctx) => {
      const id = await ctx.db.insert("things", { deep: { _mine: 1 } });
      return (await ctx.db.get(id))?.deep;
    });
    expect(nested).toEqual({ _mine: 1 });
  });

  it("[DEV25] a table name is an identifier", async () => {
    await expect(inRun((ctx) => ctx.db.insert("has space" as never, {} as never))).rejects.toThrow(
      "Invalid argument `table` for `db.insert`: Identifier has space has invalid character ' '",
    );
  });

  function nest(levels: number): unknown {
    return levels === 0 ? 1 : { inner: nest(levels - 1) };
  }

  const tooMuch: [string, () => unknown, RegExp][] = [
    [
      "size",
      () => ({ s: "x".repeat(1_048_577) }),
      /Value is too large \(.* > maximum size 1 MiB\)/,
    ],
    ["depth of a document", () => nest(17), /nested 17 levels deep > maximum nesting 16/],
    ["depth of a value", () => nest(65), /nested 65 levels deep > maximum nesting 64/],
    [
      "array length",
      () => ({ list: new Array(8193).fill(0) }),
      /Array length is too long \(8193 > maximum length 8192\)/,
    ],
    [
      "number of fields",
      () => ({ o: Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`f${i}`, i])) }),
      /Object has too many fields \(1025 > maximum number 1024\)/,
    ],
    ["Unicode", () => ({ s: "\ud800" }), /Received invalid json: /],
  ];

  it.each(tooMuch)("[DEV26] the %s of a document is limited", async (_what, make, text) => {
    await expect(inRun((ctx) => ctx.db.insert("things", make() as never))).rejects.toThrow(text);
  });

  it("[DEV26] a document of exactly 1 MiB is accepted", async () => {
    const { backend } = createLab();
    const overhead = 38 + 23 + 2 + "s".length + 1 + 2;
    const id = await backend.run((ctx) =>
      ctx.db.insert("things", { s: "x".repeat(1_048_576 - overhead) }),
    );
    const oneMore = { s: "x".repeat(1_048_577 - overhead) };
    await expect(backend.run((ctx) => ctx.db.patch(id, oneMore))).rejects.toThrow("is too large");
  });

  it("[DEV26] so are the sizes of arguments and results", async () => {
    const big = () => ["x", "y"].map((c) => c.repeat(9 * 1_048_576));
    const { backend } = createLab({
      echo: mutation({ args: { list: v.any() }, handler: async () => null }),
      large: mutation(async () => big()),
    });
    await expect(backend.mutation("m:echo", { list: big() })).rejects.toThrow(
      /Arguments for m\.js:echo are too large \(actual: .*, limit: 16 MiB\)/,
    );
    await expect(backend.mutation("m:large")).rejects.toThrow(
      /Function m\.js:large return value is too large \(actual: .*, limit: 16 MiB\)/,
    );
  });
});

describe("patch, replace, delete", () => {
  it("[DEV27] writing what is there already is no write at all", async () => {
    let commits = 0;
    const { backend } = createLab();
    const id = await backend.run((ctx) => ctx.db.insert("things", { n: 1 }));
    backend.onCommit(() => {
      commits += 1;
    });
    const used = await backend.run(async (ctx) => {
      await ctx.db.patch(id, { n: 1 });
      await ctx.db.replace(id, { n: 1 });
      const { documentsWritten, bytesWritten } = await ctx.meta.getTransactionMetrics();
      return [documentsWritten.used, bytesWritten.used];
    });
    expect(used).toEqual([0, 0]);
    expect(commits).toBe(0);
  });

  it("[DEV28] the texts for a document that is gone", async () => {
    const { backend } = createLab();
    const id = await backend.run(async (ctx) => {
      const gone = await ctx.db.insert("things", {});
      await ctx.db.delete(gone);
      return gone;
    });
    await expect(backend.run((ctx) => ctx.db.patch(id, { n: 1 }))).rejects.toThrow(
      `Update on nonexistent document ID ${id}`,
    );
    await expect(backend.run((ctx) => ctx.db.replace(id, {}))).rejects.toThrow(
      `Replace on nonexistent document ID ${id}`,
    );
    await expect(backend.run((ctx) => ctx.db.delete(id))).rejects.toThrow(
      `Delete on nonexistent document ID ${id}`,
    );
  });

  it("[DEV29] unsetting a system field is accepted and does nothing", async () => {
    const [before, after] = await inRun(async (ctx) => {
      const id = await ctx.db.insert("things", { n: 1 });
      const stored = await ctx.db.get(id);
      await ctx.db.patch(id, { _id: undefined, _creationTime: undefined } as never);
      return [stored, await ctx.db.get(id)];
    });
    expect(after).toEqual(before);
  });

  it("[DEV30] an object with a $undefined property is refused, not taken for a removal", async () => {
    const patched = inRun(async (ctx) => {
      const id = await ctx.db.insert("things", { a: 1 });
      await ctx.db.patch(id, { a: { $undefined: null, b: 1 } });
    });
    await expect(patched).rejects.toThrow(
      "Field name $undefined starts with a '$', which is reserved.",
    );
  });
});
