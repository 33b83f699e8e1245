// Where convex-test differs on transactions and isolation (engine.md 10.1): what Convex does, and
// so Invex.

import { ConvexError, v } from "invex/values";
import { describe, expect, it } from "vitest";
import {
  createLab,
  delivered,
  gate,
  mutation,
  query,
  refs,
  rejection,
  watch,
} from "../../fixtures/lab";

const count = query(async (ctx) => (await ctx.db.query("things").collect()).length);
const add = mutation(async (ctx) => {
  await ctx.db.insert("things", { from: "add" });
});
const addThenFail = mutation(async (ctx) => {
  await ctx.db.insert("things", { from: "addThenFail" });
  throw new TypeError("after the insert");
});

function storedThings(backend: ReturnType<typeof createLab>["backend"]) {
  return backend.run(async (ctx) =>
    (await ctx.db.query("things").collect()).map((row) => row.from),
  );
}

describe("overlapping transactions", () => {
  it("[DEV1] a mutation that waits holds up nobody else", async () => {
    const held = gate();
    const reached = gate();
    const { backend } = createLab({
      add,
      count,
      slow: mutation(async (ctx) => {
        await ctx.db.insert("others", {});
        reached.open();
        await held.opened;
      }),
    });
    const slow = backend.mutation("m:slow");
    await Promise.race([reached.opened, slow]);
    await backend.mutation("m:add");
    expect(await backend.query("m:count")).toBe(1);
    held.open();
    await slow;
  });

  it("[DEV2] a mutation that lost a conflict is executed again, from the start", async () => {
    let executions = 0;
    const held = gate();
    const reached = gate();
    const { backend } = createLab({
      add,
      slow: mutation(async (ctx) => {
        executions += 1;
        const seen = (await ctx.db.query("things").collect()).length;
        reached.open();
        await held.opened;
        await ctx.db.insert("others", { seen });
        return seen;
      }),
    });
    const slow = backend.mutation("m:slow");
    await Promise.race([reached.opened, slow]);
    await backend.mutation("m:add");
    held.open();
    expect(await slow).toBe(1);
    expect(executions).toBe(2);
  });

  it("[DEV12] a handler may call the backend without deadlock", async () => {
    const lab = createLab({
      add,
      count,
      outer: mutation(async (ctx) => {
        await lab.backend.mutation("m:add");
        await ctx.db.insert("others", {});
        return await lab.backend.query("m:count");
      }),
    });
    expect(await lab.backend.mutation("m:outer")).toBe(1);
  });
});

describe("what is rolled back", () => {
  it("[DEV4] a parent's write beside a nested query is kept", async () => {
    const { backend } = createLab({
      count,
      parent: mutation(async (ctx) => {
        await Promise.all([
          ctx.runQuery(refs.query("count")),
          ctx.db.insert("things", { from: "parent" }),
        ]);
      }),
    });
    await backend.mutation("m:parent");
    expect(await storedThings(backend)).toEqual(["parent"]);
  });

  it("[DEV4] a parent's write beside a failing nested mutation is kept", async () => {
    const { backend } = createLab({
      addThenFail,
      parent: mutation(async (ctx) => {
        await Promise.allSettled([
          ctx.runMutation(refs.mutation("addThenFail")),
          ctx.db.insert("things", { from: "parent" }),
        ]);
      }),
    });
    await backend.mutation("m:parent");
    expect(await storedThings(backend)).toEqual(["parent"]);
  });

  it("[DEV11] writes nobody awaited commit, those behind an await included", async () => {
    const { backend } = createLab({
      careless: mutation(async (ctx) => {
        const chain = async () => {
          await ctx.db.insert("things", { from: "first" });
          await ctx.db.query("things").collect();
          await ctx.db.insert("things", { from: "second" });
        };
        void chain();
        return "done";
      }),
    });
    expect(await backend.mutation("m:careless")).toBe("done");
    expect(await storedThings(backend)).toEqual(["first", "second"]);
  });

  it("[DEV10] an unhandled rejection fails the function whose result was ready", async () => {
    const { backend } = createLab({
      careless: mutation(async (ctx) => {
        await ctx.db.insert("things", { from: "careless" });
        void Promise.reject(new Error("nobody listens"));
        return "done";
      }),
    });
    await expect(backend.mutation("m:careless")).rejects.toThrow("nobody listens");
    expect(await storedThings(backend)).toEqual([]);
  });

  it("[DEV10] a failing write nobody awaited fails the function too", async () => {
    const { backend } = createLab({
      careless: mutation(async (ctx) => {
        await ctx.db.insert("things", { from: "careless" });
        void ctx.db.insert("people", { name: 5 } as never);
        return "done";
      }),
    });
    await expect(backend.mutation("m:careless")).rejects.toThrow("does not match the schema");
    expect(await storedThings(backend)).toEqual([]);
  });
});

describe("nested calls", () => {
  it("[DEV5] a stale-snapshot query neither sees pending writes nor counts its reads", async () => {
    const { backend } = createLab({
      add,
      count,
      parent: mutation(async (ctx) => {
        await ctx.db.insert("things", { from: "parent" });
        const before = (await ctx.meta.getTransactionMetrics()).documentsRead.used;
        const [stale] = await Promise.all([
          ctx.runQuery(refs.query("count"), {}, { useStaleSnapshot: true }),
          ctx.db.insert("things", { from: "beside" }),
        ]);
        const after = (await ctx.meta.getTransactionMetrics()).documentsRead.used;
        return { stale, fresh: await ctx.runQuery(refs.query("count")), counted: after - before };
      }),
    });
    await backend.mutation("m:add");
    expect(await backend.mutation("m:parent")).toEqual({ stale: 1, fresh: 3, counted: 0 });
  });

  it("[DEV7] go eight levels deep and no deeper", async () => {
    const { backend } = createLab({
      dive: query(async (ctx) => await descend(ctx, 0)),
      dive1: level(1),
      dive2: level(2),
      dive3: level(3),
      dive4: level(4),
      dive5: level(5),
      dive6: level(6),
      dive7: level(7),
      dive8: query(async () => 8),
      endless: query(async (ctx): Promise<unknown> => ctx.runQuery(refs.query("endless"))),
    });
    expect(await backend.query("m:dive")).toBe(8);
    await expect(backend.query("m:endless")).rejects.toThrow(
      "Cross component call depth limit exceeded. Do you have an infinite loop in your app?",
    );
  });

  it("[DEV8] a nested TypeError arrives as an Error with the rendered text", async () => {
    const { backend } = createLab({
      addThenFail,
      parent: mutation(async (ctx) => {
        try {
          await ctx.runMutation(refs.mutation("addThenFail"));
          return null;
        } catch (error) {
          const { message, name } = error as Error;
          return { message, name, isTypeError: error instanceof TypeError };
        }
      }),
    });
    const caught = await backend.mutation("m:parent");
    expect(caught).toMatchObject({ name: "Error", isTypeError: false });
    expect(caught.message).toMatch(/^Uncaught TypeError: after the insert\n/);
  });

  it("[DEV9] ConvexError data with an Int64 and bytes arrives decoded", async () => {
    const data = { n: 5n, raw: new Uint8Array([3]).buffer };
    const { backend } = createLab({
      fails: query(async () => {
        throw new ConvexError(data);
      }),
      parent: query(async (ctx) => {
        const error = await rejection(ctx.runQuery(refs.query("fails")));
        return error.data as typeof data;
      }),
    });
    expect(await backend.query("m:parent")).toEqual(data);
  });
});

function level(depth: number) {
  return query(async (ctx) => await descend(ctx, depth));
}

function descend(ctx: { runQuery: (ref: never) => Promise<unknown> }, depth: number) {
  return ctx.runQuery(refs.query(`dive${depth + 1}`) as never);
}

describe("returns", () => {
  const lies = async (ctx: { db: { insert(t: "things", v: object): Promise<unknown> } }) => {
    await ctx.db.insert("things", { from: "lies" });
    return "text" as never;
  };

  it("[DEV3] a top-level mutation with a wrong return value commits nothing", async () => {
    const { backend } = createLab({ lies: mutation({ returns: v.number(), handler: lies }) });
    await expect(backend.mutation("m:lies")).rejects.toThrow("ReturnsValidationError: ");
    expect(await storedThings(backend)).toEqual([]);
  });

  it("[DEV3] a nested one keeps its writes when the parent catches", async () => {
    const { backend } = createLab({
      lies: mutation({ returns: v.number(), handler: lies }),
      parent: mutation(async (ctx) => {
        return (await rejection(ctx.runMutation(refs.mutation("lies")))).message;
      }),
    });
    expect(await backend.mutation("m:parent")).toMatch(/^ReturnsValidationError: /);
    expect(await storedThings(backend)).toEqual(["lies"]);
  });
});

describe("time and subscriptions", () => {
  it("[DEV15] a commit reaches those who subscribed to what it touched", async () => {
    const { backend } = createLab({ add, count });
    const live = watch(backend, "m:count");
    await delivered(backend);
    await backend.mutation("m:add");
    await delivered(backend);
    expect(live.values()).toEqual([0, 1]);
  });

  it("[DEV16] the snapshot timestamp lies between the commits it sees and those to come", async () => {
    const stamp = mutation(async (ctx) => {
      const snapshot = ctx.meta.getSnapshotTs();
      await ctx.db.insert("things", { snapshot, committed: ctx.db.vars.commitTs });
    });
    const { backend } = createLab({
      stamp,
      snapshot: query(async (ctx) => ctx.meta.getSnapshotTs()),
    });
    await backend.mutation("m:stamp");
    await backend.mutation("m:stamp");
    const rows = await backend.run((ctx) => ctx.db.query("things").collect());
    const [first, second] = rows.map(({ snapshot, committed }) => ({ snapshot, committed }));
    expect(typeof first?.committed).toBe("bigint");
    expect(first?.snapshot < first?.committed).toBe(true);
    expect(first?.committed <= second?.snapshot).toBe(true);
    expect(second?.snapshot < second?.committed).toBe(true);
    expect((await backend.query("m:snapshot")) >= second?.committed).toBe(true);
  });
});
