// The `Convex` global as packages older than some of ctx call it: by the names of operations.

import { mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { ledger } from "./ledger";
import { components, startBackend, type Untyped } from "./start-backend";

async function syscall(operation: string, args: object = {}): Promise<Untyped> {
  const { Convex } = globalThis as Untyped;
  return JSON.parse(await Convex.asyncSyscall(operation, JSON.stringify(args)));
}

const countArgs = { name: "m:count", args: {} };
const textsOfOne = "_reference/childComponent/one/lib/texts";

const m = {
  count: queryGeneric({
    args: {},
    handler: async (ctx) => BigInt((await ctx.db.query("rows").collect()).length),
  }),
  insert: mutationGeneric({
    args: { n: v.number() },
    handler: (ctx, row) => ctx.db.insert("rows", row),
  }),
  metadata: queryGeneric({ args: {}, handler: () => syscall("1.0/getFunctionMetadata") }),
  run: mutationGeneric({
    args: {},
    handler: async (ctx) => {
      await syscall("1.0/runUdf", { name: "m:insert", args: { n: 1 }, udfType: "mutation" });
      const mine = await syscall("1.0/runUdf", { ...countArgs, udfType: "query" });
      const stale = await syscall("1.0/runUdf", { ...countArgs, udfType: "snapshotQuery" });
      const { documentsWritten } = await syscall("1.0/getTransactionMetrics");
      await ctx.runMutation(components.one.lib.add, { text: "a" });
      const child = { reference: textsOfOne, args: {}, udfType: "query" };
      return {
        mine: mine.$integer,
        stale: stale.$integer,
        written: documentsWritten.used,
        texts: await syscall("1.0/runUdf", child),
      };
    },
  }),
};

describe("the Convex global", () => {
  it("[CMPT16] runs functions in the caller's transaction, values in wire form", async () => {
    const backend = startBackend({ m }, { components: { one: ledger } });
    expect(await backend.mutation("m:run")).toEqual({
      mine: "AQAAAAAAAAA=",
      stale: "AAAAAAAAAAA=",
      written: 1,
      texts: ["a"],
    });
  });

  it("[CMPT16] tells a function where it is, and refuses what it does not know", async () => {
    const backend = startBackend({ m });
    expect(await backend.query("m:metadata")).toMatchObject({
      name: "m:metadata",
      componentPath: "",
    });
    const inQuery = backend.query(() =>
      syscall("1.0/runUdf", { name: "m:insert", args: { n: 1 }, udfType: "mutation" }),
    );
    await expect(inQuery).rejects.toThrow("Cannot call a Mutation function from a Query function");
    await expect(backend.query(() => syscall("1.0/nothing"))).rejects.toThrow(
      "Unknown async operation 1.0/nothing",
    );
    const metrics = backend.action(() => syscall("1.0/getTransactionMetrics"));
    await expect(metrics).rejects.toThrow("Unknown async operation 1.0/getTransactionMetrics");
  });
});
