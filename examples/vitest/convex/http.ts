import { httpRouter } from "convex/server";
import { internal } from "./_generated/api";
import { httpAction } from "./_generated/server";

const http = httpRouter();

http.route({
  path: "/webhooks/payment",
  method: "POST",
  handler: httpAction(async (ctx, request) => {
    const secret = process.env.WEBHOOK_SECRET;
    if (secret === undefined || request.headers.get("X-Webhook-Secret") !== secret)
      return new Response("Not for you", { status: 401 });
    const { invoice } = (await request.json()) as { invoice: string };
    const known = await ctx.runMutation(internal.invoices.payFromOutside, { id: invoice });
    return new Response(null, { status: known ? 204 : 404 });
  }),
});

export default http;
