// @convex-dev/workflow, unmodified: a function of many steps that runs again from its journal, with
// a work pool installed in it. What waits survives a restart.

import { start, WorkflowManager } from "@convex-dev/workflow";
import workflowTest from "@convex-dev/workflow/test";
import {
  actionGeneric,
  anyApi,
  internalMutationGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, startBackend, type Untyped } from "../start-backend";

const workflow = new WorkflowManager(components.workflow);
const api: Untyped = anyApi.m;

const functions = (printed: number[]) => ({
  charge: internalMutationGeneric({
    args: { amount: v.number() },
    handler: async (ctx, { amount }) => {
      await ctx.db.insert("charges", { amount });
      return amount * 2;
    },
  }),
  print: actionGeneric({
    args: { amount: v.number() },
    handler: async (_ctx, { amount }) => {
      printed.push(amount);
      if (printed.length === 1) throw new Error("out of paper");
      return `<${amount}>`;
    },
  }),
  order: workflow
    .define({ args: { amount: v.number() }, returns: v.string() })
    .handler(async (step: Untyped, { amount }: { amount: number }): Promise<string> => {
      const twice = await step.runMutation(api.charge, { amount });
      await step.sleep(60 * 60 * 1000);
      const text = await step.runAction(api.print, { amount: twice }, { retry: true });
      return `done ${text}`;
    }),
  begin: mutationGeneric({
    args: {},
    handler: (ctx) =>
      start(ctx, api.order, { amount: 2 }, { onComplete: api.ended, context: "x" } as Untyped),
  }),
  ended: internalMutationGeneric({
    args: { workflowId: v.string(), result: v.any(), context: v.any() },
    handler: async (ctx, { result, context }) => {
      await ctx.db.insert("ended", { result, context });
    },
  }),
  state: queryGeneric({
    args: {},
    handler: async (ctx) => ({
      charges: (await ctx.db.query("charges").collect()).length,
      ended: (await ctx.db.query("ended").collect()).map(({ result }) => result),
    }),
  }),
});

function startWorkflows() {
  const printed: number[] = [];
  const m = functions(printed);
  return { backend: startBackend({ m }, { components: { workflow: workflowTest } }), printed };
}

const DONE = { kind: "success", returnValue: "done <4>" };

describe("workflow", () => {
  it("[CMPT26] runs its steps once each, waits, and tries again what failed", async () => {
    const { backend, printed } = startWorkflows();
    await backend.mutation("m:begin", {});
    await backend.advance({ minutes: 59 });
    expect(await backend.query("m:state", {})).toEqual({ charges: 1, ended: [] });
    expect(printed).toEqual([]);
    await backend.advance({ minutes: 10 });
    expect(await backend.query("m:state", {})).toEqual({ charges: 1, ended: [DONE] });
    expect(printed).toEqual([4, 4]);
  });

  it("[CMPT26] goes on after a restart where it was", async () => {
    const { backend } = startWorkflows();
    await backend.mutation("m:begin", {});
    await backend.advance({ minutes: 30 });
    const restarted = backend.fork();
    await backend.close();
    await restarted.advance({ minutes: 40 });
    expect(await restarted.query("m:state", {})).toEqual({ charges: 1, ended: [DONE] });
  });

  it("[CMPT26] leaves the host's globals alone while it waits", async () => {
    const { backend } = startWorkflows();
    const { process, crypto, Math: math, Date: date, console } = globalThis;
    await backend.mutation("m:begin", {});
    const running = backend.advance({ minutes: 90 });
    for (let turn = 0; turn < 200; turn++) {
      await undefined;
      expect(globalThis.process).toBe(process);
      expect(globalThis.crypto).toBe(crypto);
      expect([globalThis.Math, globalThis.Date, globalThis.console]).toEqual([math, date, console]);
    }
    await running;
  });
});
