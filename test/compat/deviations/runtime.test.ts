// Where convex-test differs on limits, metrics and the runtime environment (engine.md 10.6 and 10.7,
// functions.md 12).

import { v } from "invex/values";
import { describe, expect, it, vi } from "vitest";
import type { LabMutationCtx } from "../../fixtures/lab";
import { createLab, delivered, mutation, query, refs, watch } from "../../fixtures/lab";

type Metrics = Awaited<ReturnType<LabMutationCtx["meta"]["getTransactionMetrics"]>>;

async function used(ctx: LabMutationCtx): Promise<Record<keyof Metrics, number>> {
  const entries = Object.entries(await ctx.meta.getTransactionMetrics());
  return Object.fromEntries(entries.map(([name, metric]) => [name, metric.used])) as never;
}

describe("limits", () => {
  it("[DEV64] are on without being asked for", async () => {
    const { backend } = createLab();
    const tooMany = backend.run(async (ctx) => {
      for (let n = 0; n <= 16_000; n += 1) await ctx.db.insert("others", {});
    });
    await expect(tooMany).rejects.toThrow(
      "Too many writes in a single function execution (limit: 16000)",
    );
    expect(await backend.run((ctx) => ctx.db.query("others").collect())).toEqual([]);
  });

  it("[DEV65] speak Convex's words", async () => {
    const { backend } = createLab();
    const tooLarge = backend.run(async (ctx) => {
      for (let n = 0; n < 17; n += 1) await ctx.db.insert("others", { s: "x".repeat(1_000_000) });
    });
    await expect(tooLarge).rejects.toThrow(
      "Too many bytes written in a single function execution (limit: 16 MiB)",
    );
    const { backend: small } = createLab({}, { limits: { documentsRead: 2, databaseQueries: 3 } });
    const ids = await small.run(async (ctx) => {
      const all = [];
      for (let n = 0; n < 3; n += 1) all.push(await ctx.db.insert("others", { n }));
      return all;
    });
    const hint =
      "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";
    await expect(small.run((ctx) => ctx.db.query("others").collect())).rejects.toThrow(
      `Too many documents read in a single function execution (limit: 2). ${hint}`,
    );
    const { backend: narrow } = createLab({}, { limits: { databaseQueries: 2 } });
    const ranges = narrow.run(async (ctx) => {
      for (const n of [1, 2, 3]) {
        await ctx.db
          .query("things")
          .withIndex("by_n", (q) => q.eq("n", n))
          .first();
      }
    });
    await narrow.run((ctx) => ctx.db.insert("things", { n: 1 }));
    await expect(ranges).rejects.toThrow(
      `Too many reads in a single function execution (limit: 2). ${hint}`,
    );
    expect(ids).toHaveLength(3);
  });

  it("[DEV71] close to a limit there is a warning", async () => {
    const lines: string[] = [];
    const { backend } = createLab(
      { all: query(async (ctx) => (await ctx.db.query("others").collect()).length) },
      {
        limits: { documentsRead: 10 },
        onLog: (entry) => lines.push(JSON.stringify(entry)),
      },
    );
    await backend.run(async (ctx) => {
      for (let n = 0; n < 9; n += 1) await ctx.db.insert("others", { n });
    });
    expect(await backend.query("m:all")).toBe(9);
    const warning = "Many documents read in a single function execution (actual: 9, limit: 10).";
    expect(lines.filter((line) => line.includes(warning))).toHaveLength(1);
  });
});

describe("metrics", () => {
  it("[DEV66] count merged intervals, and nothing for a query that is never read", async () => {
    const { backend } = createLab();
    const id = await backend.run((ctx) => ctx.db.insert("things", { n: 1 }));
    const queries = await backend.run(async (ctx) => {
      ctx.db.query("things").withIndex("by_n");
      const unread = (await used(ctx)).databaseQueries;
      await ctx.db.get(id);
      await ctx.db.get(id);
      const twice = (await used(ctx)).databaseQueries;
      await ctx.db.query("things").collect();
      await ctx.db.query("things").collect();
      const scanned = (await used(ctx)).databaseQueries;
      return { unread, twice, scanned };
    });
    expect(queries).toEqual({ unread: 0, twice: 1, scanned: 2 });
  });

  it("[DEV67] count the rows a filter drops, but not those fetched ahead", async () => {
    const { backend } = createLab();
    await backend.run(async (ctx) => {
      for (let n = 0; n < 10; n += 1) await ctx.db.insert("things", { n });
    });
    const read = await backend.run(async (ctx) => {
      await ctx.db
        .query("things")
        .filter((q) => q.eq(q.field("n"), 3))
        .first();
      return (await used(ctx)).documentsRead;
    });
    expect(read).toBe(4);
  });

  it("[DEV68] an insert reads its own key, a patch the document", async () => {
    const { backend } = createLab();
    const [inserted, patched] = await backend.run(async (ctx) => {
      const id = await ctx.db.insert("things", { n: 1 });
      const before = await used(ctx);
      await ctx.db.patch(id, { n: 2 });
      return [before, await used(ctx)] as const;
    });
    expect(inserted).toMatchObject({ databaseQueries: 1, documentsRead: 0, documentsWritten: 1 });
    expect(patched).toMatchObject({ databaseQueries: 1, documentsRead: 1, documentsWritten: 2 });
  });

  it("[DEV69] a write that changes nothing costs no bytes, a rewrite costs them again", async () => {
    const { backend } = createLab();
    const bytes = await backend.run(async (ctx) => {
      const id = await ctx.db.insert("things", { n: 1 });
      const first = (await used(ctx)).bytesWritten;
      await ctx.db.patch(id, { n: 1 });
      const same = (await used(ctx)).bytesWritten;
      await ctx.db.patch(id, { n: 2 });
      return { first, same, second: (await used(ctx)).bytesWritten };
    });
    expect(bytes.first).toBe(38 + 23 + 2 + 2 + 9);
    expect(bytes.same).toBe(bytes.first);
    expect(bytes.second).toBe(2 * bytes.first);
  });

  it("[DEV70] a nested rollback gives back writes, not scheduled functions", async () => {
    const { backend } = createLab({
      noop: mutation(async () => null),
      fails: mutation(async (ctx) => {
        await ctx.db.insert("things", {});
        await ctx.scheduler.runAfter(1000, refs.mutation("noop"), {});
        throw new Error("back");
      }),
      parent: mutation(async (ctx) => {
        await ctx.runMutation(refs.mutation("fails")).catch(() => null);
        const { documentsWritten, functionsScheduled } = await used(ctx);
        return { documentsWritten, functionsScheduled };
      }),
    });
    expect(await backend.mutation("m:parent")).toEqual({
      documentsWritten: 0,
      functionsScheduled: 1,
    });
  });

  it("[DEV72] scheduled arguments are counted with the array around them", async () => {
    const { backend } = createLab({ noop: mutation(async () => null) });
    const size = await backend.run(async (ctx) => {
      await ctx.scheduler.runAfter(1000, refs.mutation("noop"), { a: "x" });
      return (await used(ctx)).scheduledFunctionArgsBytes;
    });
    expect(size).toBe(2 + 2 + 2 + 3);
  });
});

describe("the environment of a function", () => {
  it("[DEV73] time stands still inside, whatever the clock does", async () => {
    let tick = () => {};
    const { backend, clock } = createLab({
      f: query(async () => {
        const before = Date.now();
        tick();
        return [before, Date.now(), new Date().toISOString()];
      }),
    });
    tick = () => clock.tick(60_000);
    const [before, after, iso] = await backend.query("m:f");
    expect(after).toBe(before);
    expect(iso).toBe(new Date(before).toISOString());
  });

  it("[DEV74] randomness is seeded, crypto included, and new for every execution", async () => {
    const f = mutation(async () => [
      Math.random(),
      crypto.randomUUID(),
      [...crypto.getRandomValues(new Uint8Array(4))].join(),
    ]);
    const one = createLab({ f }).backend;
    const two = createLab({ f }).backend;
    const rolls = [await one.mutation("m:f"), await one.mutation("m:f")];
    expect(rolls[1]).not.toEqual(rolls[0]);
    expect([await two.mutation("m:f"), await two.mutation("m:f")]).toEqual(rolls);
  });

  it("[DEV76] clearTimeout is harmless, timers do not throw where they are called", async () => {
    const { backend } = createLab({
      clears: query(async () => {
        clearTimeout(5);
        clearInterval(undefined);
        return "fine";
      }),
      interval: query(async () => {
        const kind = typeof setInterval(() => {}, 1);
        return kind;
      }),
    });
    expect(await backend.query("m:clears")).toBe("fine");
    await expect(backend.query("m:interval")).rejects.toThrow("Can't use setInterval in queries");
  });

  it("[DEV77] console output goes to the log of the backend", async () => {
    const real = vi.spyOn(console, "log").mockImplementation(() => {});
    const lines: string[] = [];
    const { backend } = createLab(
      {
        f: query(async () => {
          console.log("hello", { a: 1 });
        }),
      },
      { onLog: (entry) => lines.push(JSON.stringify(entry)) },
    );
    await backend.query("m:f");
    expect(lines.filter((line) => line.includes("hello"))).toHaveLength(1);
    expect(real).not.toHaveBeenCalled();
    real.mockRestore();
  });

  it("[DEV78] process.env is the backend's, not the host's", async () => {
    const { backend } = createLab(
      { f: query(async () => [process.env.HARBOR ?? null, process.env.PATH ?? null]) },
      { env: { HARBOR: "deep" } },
    );
    expect(await backend.query("m:f")).toEqual(["deep", null]);
    expect(process.env.HARBOR).toBeUndefined();
  });
});

describe("looking functions up", () => {
  const functions = {
    ask: query(async () => "asked"),
    tell: mutation(async () => "told"),
    default: query(async () => "by default"),
  };

  it("[DEV79] a path may carry .js, or leave the default export out", async () => {
    const { backend } = createLab(functions);
    expect(await backend.query("m.js:ask")).toBe("asked");
    expect(await backend.query("m")).toBe("by default");
    expect(await backend.query("m:default")).toBe("by default");
  });

  it("[DEV80] the wrong kind is named as Convex names it", async () => {
    const { backend } = createLab(functions);
    await expect(backend.query("m:tell")).rejects.toThrow(
      "Trying to execute m.js:tell as Query, but it is defined as Mutation.",
    );
    await expect(backend.mutation("m:ask")).rejects.toThrow(
      "Trying to execute m.js:ask as Mutation, but it is defined as Query.",
    );
    await expect(backend.action("m:ask")).rejects.toThrow(
      "Trying to execute m.js:ask as Action, but it is defined as Query.",
    );
  });

  it("[DEV82] an identity is what was given, and none is null", async () => {
    const { backend } = createLab({
      who: query(async (ctx) => (await ctx.auth.getUserIdentity()) as never),
    });
    expect(await backend.query("m:who")).toBeNull();
    const ada = {
      subject: "ada",
      issuer: "https://i",
      tokenIdentifier: "https://i|ada",
      team: "x",
    };
    expect(await backend.withIdentity(ada).query("m:who")).toEqual(ada);
    expect(await backend.query("m:who")).toBeNull();
  });

  it("[DEV83] a function knows its name, kind and visibility", async () => {
    const { backend } = createLab({
      meta: query(async (ctx) => (await ctx.meta.getFunctionMetadata()) as never),
    });
    expect(await backend.query("m:meta")).toEqual({
      name: "m:meta",
      componentPath: "",
      type: "query",
      visibility: "public",
    });
  });
});

describe("live pages", () => {
  it("[DEV61] a live page keeps its end when rows come before it", async () => {
    const { backend } = createLab({
      add: mutation({
        args: { n: v.number() },
        handler: (ctx, { n }) => ctx.db.insert("things", { n }),
      }),
      page: query(async (ctx) => {
        const opts = { numItems: 2, cursor: null };
        const { page } = await ctx.db.query("things").withIndex("by_n").paginate(opts);
        return page.map((row) => row.n);
      }),
    });
    for (const n of [1, 3, 5]) await backend.mutation("m:add", { n });
    const live = watch(backend, "m:page");
    await delivered(backend);
    for (const n of [2, 4, 0]) await backend.mutation("m:add", { n });
    await delivered(backend);
    expect(live.values().at(0)).toEqual([1, 3]);
    expect(live.values().at(-1)).toEqual([0, 1, 2, 3]);
  });
});
