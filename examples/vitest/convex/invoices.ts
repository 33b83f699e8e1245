// Invoices of whoever is signed in. An open one becomes overdue by a scheduled function, unless it is
// paid: by its owner, or by the payment provider's webhook in http.ts.

import { ConvexError, v } from "convex/values";
import { components, internal } from "./_generated/api";
import type { Doc, Id } from "./_generated/dataModel";
import {
  internalMutation,
  type MutationCtx,
  mutation,
  type QueryCtx,
  query,
} from "./_generated/server";

export const list = query({
  args: {},
  handler: async (ctx) => {
    const owner = await userOf(ctx);
    return await ctx.db
      .query("invoices")
      .withIndex("by_owner", (q) => q.eq("owner", owner))
      .collect();
  },
});

export const history = query({
  args: { id: v.id("invoices") },
  returns: v.array(v.string()),
  handler: async (ctx, { id }): Promise<string[]> => {
    await ownInvoice(ctx, id);
    return await ctx.runQuery(components.audit.trail.of, { subject: id });
  },
});

export const create = mutation({
  args: { customer: v.string(), cents: v.number(), dueInDays: v.number() },
  returns: v.id("invoices"),
  handler: async (ctx, { customer, cents, dueInDays }) => {
    const owner = await userOf(ctx);
    if (cents <= 0) throw new ConvexError({ code: "BAD_AMOUNT", cents });
    const invoice = { owner, customer, cents, status: "open" as const, reminders: 0 };
    const id = await ctx.db.insert("invoices", invoice);
    const dueInMs = dueInDays * 24 * 60 * 60 * 1000;
    const deadline = await ctx.scheduler.runAfter(dueInMs, internal.invoices.becomeOverdue, { id });
    await ctx.db.patch(id, { deadline });
    await record(ctx, id, "created");
    return id;
  },
});

export const rename = mutation({
  args: { id: v.id("invoices"), customer: v.string() },
  handler: async (ctx, { id, customer }) => {
    await ownInvoice(ctx, id);
    await ctx.db.patch(id, { customer });
  },
});

export const pay = mutation({
  args: { id: v.id("invoices") },
  handler: async (ctx, { id }) => await settle(ctx, await ownInvoice(ctx, id)),
});

export const remove = mutation({
  args: { id: v.id("invoices") },
  handler: async (ctx, { id }) => {
    const { deadline } = await ownInvoice(ctx, id);
    if (deadline !== undefined) await ctx.scheduler.cancel(deadline);
    await ctx.db.delete(id);
    await record(ctx, id, "removed");
  },
});

/** For the webhook: an id as it came over the wire. */
export const payFromOutside = internalMutation({
  args: { id: v.string() },
  returns: v.boolean(),
  handler: async (ctx, args) => {
    const id = ctx.db.normalizeId("invoices", args.id);
    const invoice = id === null ? null : await ctx.db.get(id);
    if (invoice === null) return false;
    await settle(ctx, invoice);
    return true;
  },
});

export const becomeOverdue = internalMutation({
  args: { id: v.id("invoices") },
  handler: async (ctx, { id }) => {
    await ctx.db.patch(id, { status: "overdue", deadline: undefined });
    await record(ctx, id, "overdue");
  },
});

/** Every morning, for a cron. */
export const remind = internalMutation({
  args: {},
  handler: async (ctx) => {
    const overdue = ctx.db
      .query("invoices")
      .withIndex("by_status", (q) => q.eq("status", "overdue"));
    for await (const { _id, reminders } of overdue)
      await ctx.db.patch(_id, { reminders: reminders + 1 });
  },
});

async function userOf(ctx: QueryCtx): Promise<string> {
  const identity = await ctx.auth.getUserIdentity();
  if (identity === null) throw new ConvexError({ code: "UNAUTHENTICATED" });
  return identity.tokenIdentifier;
}

/** What belongs to others is as absent as what does not exist. */
async function ownInvoice(ctx: QueryCtx, id: Id<"invoices">): Promise<Doc<"invoices">> {
  const owner = await userOf(ctx);
  const invoice = await ctx.db.get(id);
  if (invoice?.owner !== owner) throw new ConvexError({ code: "NOT_FOUND", id });
  return invoice;
}

async function settle(ctx: MutationCtx, { _id, status, deadline }: Doc<"invoices">): Promise<void> {
  if (status === "paid") return;
  if (deadline !== undefined) await ctx.scheduler.cancel(deadline);
  await ctx.db.patch(_id, { status: "paid", deadline: undefined });
  await record(ctx, _id, "paid");
}

async function record(ctx: MutationCtx, id: Id<"invoices">, what: string): Promise<void> {
  await ctx.runMutation(components.audit.trail.record, { subject: id, what });
}
