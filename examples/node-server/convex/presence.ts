// Who has the page open. A page sends heartbeats; each puts off a scheduled function that ends the
// stay. The list reads visitors only and heartbeats write leases, so a heartbeat re-runs no query.

import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Id } from "./_generated/dataModel";
import { internalMutation, type MutationCtx, mutation, query } from "./_generated/server";

const DEFAULT_LEASE_MS = 90_000;

export const list = query({
  args: {},
  handler: (ctx) => ctx.db.query("visitors").collect(),
});

/** Comes, or stays: until `leaseMs` from now, unless called again. */
export const heartbeat = mutation({
  args: { session: v.string(), name: v.string() },
  handler: async (ctx, { session, name }) => {
    const known = await visitorOf(ctx, session);
    const visitor = known?._id ?? (await ctx.db.insert("visitors", { session, name }));
    const leaseMs = Number(process.env.PRESENCE_LEASE_MS ?? DEFAULT_LEASE_MS);
    await endLease(ctx, visitor);
    const expiry = await ctx.scheduler.runAfter(leaseMs, internal.presence.expire, { visitor });
    await ctx.db.insert("leases", { visitor, expiry });
    return { leaseMs };
  },
});

/** Goes at once: what a page asks for when it is closed. */
export const leave = mutation({
  args: { session: v.string() },
  handler: async (ctx, { session }) => {
    const visitor = await visitorOf(ctx, session);
    if (visitor === null) return;
    await endLease(ctx, visitor._id);
    await ctx.db.delete(visitor._id);
  },
});

/** No heartbeat came. Whatever ends a stay otherwise cancels this. */
export const expire = internalMutation({
  args: { visitor: v.id("visitors") },
  handler: async (ctx, { visitor }) => {
    const lease = await leaseOf(ctx, visitor);
    if (lease !== null) await ctx.db.delete(lease._id);
    await ctx.db.delete(visitor);
  },
});

function visitorOf(ctx: MutationCtx, session: string) {
  return ctx.db
    .query("visitors")
    .withIndex("by_session", (q) => q.eq("session", session))
    .unique();
}

function leaseOf(ctx: MutationCtx, visitor: Id<"visitors">) {
  return ctx.db
    .query("leases")
    .withIndex("by_visitor", (q) => q.eq("visitor", visitor))
    .unique();
}

async function endLease(ctx: MutationCtx, visitor: Id<"visitors">) {
  const lease = await leaseOf(ctx, visitor);
  if (lease === null) return;
  await ctx.scheduler.cancel(lease.expiry);
  await ctx.db.delete(lease._id);
}
