// Handlers that fail. Comments mark the lines that stack traces must name.

import { mutationGeneric, queryGeneric } from "convex/server";
import { ConvexError } from "convex/values";

export class OutOfStock extends ConvexError<{ sku: string; left: bigint }> {
  get sku(): string {
    return this.data.sku;
  }
}

function explode(): never {
  throw new TypeError("boom"); // line: throw
}

export const atOnce = queryGeneric(() => {
  explode(); // line: at once
});

export const later = mutationGeneric({
  handler: async () => {
    await null;
    explode(); // line: later
  },
});

export const inCallback = queryGeneric({
  handler: async () => {
    await null;
    [1].map(() => explode()); // line: callback
  },
});

export const outOfStock = mutationGeneric({
  handler: async () => {
    throw new OutOfStock({ sku: "a-1", left: 2n }); // line: stock
  },
});

export const parent = mutationGeneric({
  handler: async (ctx) => {
    await ctx.runMutation("failing:later" as never); // line: parent
  },
});
