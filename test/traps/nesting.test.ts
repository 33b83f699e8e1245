// Traps of nested calls and of iteration inside a mutation: what stays, what goes, and what the
// parent is told.

import { ConvexError, v } from "invex/values";
import { describe, expect, it } from "vitest";
import { action, createLab, mutation, query, refs, rejection } from "../fixtures/lab";

const seedThree = mutation(async (ctx) => {
  for (const n of [1, 2, 3]) await ctx.db.insert("things", { n });
});

const readThenFail = mutation(async (ctx) => {
  await ctx.db.query("things").collect();
  await ctx.db.insert("others", { from: "child" });
  throw new Error("boom");
});

describe("iteration", () => {
  it("[TRAP11] the first hundred rows are a snapshot, rows behind them are not", async () => {
    const { backend } = createLab({
      fill: mutation(async (ctx) => {
        for (let n = 0; n < 150; n += 1) await ctx.db.insert("things", { n });
      }),
      walk: mutation(async (ctx) => {
        const seen: number[] = [];
        for await (const row of ctx.db.query("things").withIndex("by_n")) {
          if (seen.length === 0) {
            await ctx.db.insert("things", { n: 0.5 });
            await ctx.db.insert("things", { n: 120.5 });
          }
          seen.push(row.n);
        }
        return seen;
      }),
    });
    await backend.mutation("m:fill");
    const seen: number[] = await backend.mutation("m:walk");
    expect(seen).not.toContain(0.5);
    expect(seen).toContain(120.5);
    expect(seen).toHaveLength(151);
  });
});

describe("a caught nested failure", () => {
  it("[TRAP12] leaves none of the child's documents, and keeps its reads", async () => {
    const { backend } = createLab({
      seedThree,
      readThenFail,
      parent: mutation(async (ctx) => {
        await ctx.db.insert("others", { from: "parent" });
        await ctx.runMutation(refs.mutation("readThenFail")).catch(() => undefined);
        const metrics = await ctx.meta.getTransactionMetrics();
        const rows = await ctx.db.query("others").collect();
        const { documentsRead, documentsWritten } = metrics;
        return { from: rows.map((row) => row.from), documentsRead, documentsWritten };
      }),
    });
    await backend.mutation("m:seedThree");
    const result = await backend.mutation("m:parent");
    expect(result.from).toEqual(["parent"]);
    expect(result.documentsRead.used).toBe(3);
    expect(result.documentsWritten.used).toBe(1);
    const stored = await backend.run((ctx) => ctx.db.query("others").collect());
    expect(stored.map((row) => row.from)).toEqual(["parent"]);
  });

  it("[TRAP12] takes its scheduled functions along, but not their count", async () => {
    const { backend } = createLab({
      noop: mutation(async () => null),
      scheduleThenFail: mutation(async (ctx) => {
        await ctx.scheduler.runAfter(60_000, refs.mutation("noop"));
        throw new Error("boom");
      }),
      parent: mutation(async (ctx) => {
        await ctx.runMutation(refs.mutation("scheduleThenFail")).catch(() => undefined);
        const jobs = await ctx.db.system.query("_scheduled_functions").collect();
        const { used } = (await ctx.meta.getTransactionMetrics()).functionsScheduled;
        return { jobs: jobs.length, used };
      }),
    });
    expect(await backend.mutation("m:parent")).toEqual({ jobs: 0, used: 1 });
  });
});

describe("what the parent catches", () => {
  const messageOf = (name: string, args: Record<string, unknown> = {}) =>
    mutation(async (ctx) => {
      try {
        await ctx.runMutation(refs.mutation(name), args);
        return "no error";
      } catch (error) {
        return (error as Error).message;
      }
    });

  it("[TRAP13] a thrown error arrives rendered, with frames and a final newline", async () => {
    const { backend } = createLab({ readThenFail, parent: messageOf("readThenFail") });
    const message: string = await backend.mutation("m:parent");
    expect(message.startsWith("Uncaught Error: boom\n")).toBe(true);
    expect(message).toMatch(/\n {4}at /);
    expect(message.endsWith("\n")).toBe(true);
  });

  it("[TRAP13] refused arguments arrive as they are", async () => {
    const strict = mutation({ args: { n: v.number() }, handler: async () => null });
    const { backend } = createLab({ strict, parent: messageOf("strict", { n: "x" }) });
    expect(await backend.mutation("m:parent")).toBe(
      'ArgumentValidationError: Value does not match validator.\nPath: .n\nValue: "x"\nValidator: v.float64()',
    );
  });
});

describe("ConvexError data", () => {
  const data = { code: "X", amount: 12n, raw: new Uint8Array([1, 2]).buffer, list: [null, 1.5] };
  const fails = mutation(async () => {
    throw new ConvexError(data);
  });
  const relays = mutation(async (ctx) => {
    await ctx.runMutation(refs.mutation("fails"));
  });
  const acts = action(async (ctx) => {
    await ctx.runMutation(refs.mutation("relays"));
  });
  const catches = action(async (ctx) => {
    try {
      await ctx.runMutation(refs.mutation("relays"));
      return null;
    } catch (error) {
      return error instanceof ConvexError ? error.data : "another class";
    }
  });
  const functions = { fails, relays, acts, catches };

  it.each([false, true])("[TRAP14] survives nesting and actions (redacted: %s)", async (redact) => {
    const { backend } = createLab(functions, { redactErrors: redact });
    expect((await rejection(backend.mutation("m:fails"))).data).toEqual(data);
    expect((await rejection(backend.mutation("m:relays"))).data).toEqual(data);
    expect((await rejection(backend.action("m:acts"))).data).toEqual(data);
    expect(await backend.action("m:catches")).toEqual(data);
  });
});

describe("nested mutations side by side", () => {
  it("[TRAP15] run strictly one after the other, in the order they were called", async () => {
    const events: string[] = [];
    const { backend } = createLab({
      step: mutation({
        args: { name: v.string(), pauses: v.number() },
        handler: async (ctx, { name, pauses }) => {
          events.push(`${name} starts`);
          for (let i = 0; i < pauses; i += 1) await ctx.db.query("things").collect();
          await ctx.db.insert("things", { name });
          events.push(`${name} ends`);
        },
      }),
      parent: mutation(async (ctx) => {
        const step = (name: string, pauses: number) =>
          ctx.runMutation(refs.mutation("step"), { name, pauses });
        await Promise.all([step("a", 5), step("b", 0), step("c", 2)]);
        return (await ctx.db.query("things").collect()).map((row) => row.name);
      }),
    });
    expect(await backend.mutation("m:parent")).toEqual(["a", "b", "c"]);
    const names = ["a", "b", "c"];
    expect(events).toEqual(names.flatMap((name) => [`${name} starts`, `${name} ends`]));
  });
});

describe("transactionLimits", () => {
  const readAll = query(async (ctx) => (await ctx.db.query("things").collect()).length);
  const readAllLoosely = query((ctx) =>
    ctx.runQuery(refs.query("readAll"), {}, { transactionLimits: { documentsRead: 1_000_000 } }),
  );

  it("[TRAP30] are a budget on top of what was used, and the text names the ceiling", async () => {
    const { backend } = createLab({
      seedThree,
      readAll,
      parent: query(async (ctx) => {
        await ctx.db.query("things").collect();
        const limits = { transactionLimits: { documentsRead: 2 } };
        return await ctx.runQuery(refs.query("readAll"), {}, limits);
      }),
    });
    await backend.mutation("m:seedThree");
    await expect(backend.query("m:parent")).rejects.toThrow(
      "Too many documents read in a single function execution (limit: 5).",
    );
  });

  it("[TRAP30] never raise a ceiling that is already lower", async () => {
    const { backend } = createLab({
      seedThree,
      readAll,
      readAllLoosely,
      parent: query((ctx) =>
        ctx.runQuery(refs.query("readAllLoosely"), {}, { transactionLimits: { documentsRead: 1 } }),
      ),
    });
    await backend.mutation("m:seedThree");
    await expect(backend.query("m:parent")).rejects.toThrow(
      "Too many documents read in a single function execution (limit: 1).",
    );
  });
});
