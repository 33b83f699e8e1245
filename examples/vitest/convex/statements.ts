import { internalMutation, query } from "./_generated/server";

export const list = query({
  args: {},
  handler: async (ctx) => {
    const statements = await ctx.db.query("statements").collect();
    return statements.map(({ month, paidCents, dueCents }) => ({ month, paidCents, dueCents }));
  },
});

/** The books as they are on the first of a month, for a cron. */
export const close = internalMutation({
  args: {},
  handler: async (ctx) => {
    let paidCents = 0;
    let dueCents = 0;
    for await (const { status, cents } of ctx.db.query("invoices")) {
      if (status === "paid") paidCents += cents;
      else dueCents += cents;
    }
    const month = new Date(Date.now()).toISOString().slice(0, 7);
    await ctx.db.insert("statements", { month, paidCents, dueCents });
  },
});
