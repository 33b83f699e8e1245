// An app with an inspector, on a server of its own: what the inspector's browser test looks into.

import { createBackend } from "invex";
import { inspector } from "invex/inspector";
import {
  cronJobs,
  defineSchema,
  defineTable,
  functionsFor,
  makeFunctionReference,
} from "invex/server";
import { v } from "invex/values";
import { type NodeServer, serve } from "../../examples/node-server/serve";

export const KEY = "the-key-of-the-browser-test";

const schema = defineSchema({
  messages: defineTable({ author: v.string(), body: v.string(), likes: v.number() }).index(
    "by_author",
    ["author", "likes"],
  ),
});

const { query, mutation } = functionsFor(schema);

const send = makeFunctionReference<"mutation", { author: string; body: string }>("messages:send");

const messages = {
  by: query({
    args: { author: v.string() },
    handler: (ctx, { author }) =>
      ctx.db
        .query("messages")
        .withIndex("by_author", (q) => q.eq("author", author))
        .collect(),
  }),
  send: mutation({
    args: { author: v.string(), body: v.string() },
    handler: async (ctx, { author, body }) => {
      console.log("sending", body);
      await ctx.db.insert("messages", { author, body, likes: 0 });
      return `sent by ${(await ctx.auth.getUserIdentity())?.name ?? "nobody"}`;
    },
  }),
  sendLater: mutation({
    args: { body: v.string() },
    handler: (ctx, { body }) => ctx.scheduler.runAfter(3_600_000, send, { author: "Timer", body }),
  }),
};

const crons = cronJobs();
crons.daily("nightly report", { hourUTC: 3, minuteUTC: 30 }, send, {
  author: "Cron",
  body: "good night",
});

export async function startInspectedApp() {
  const backend = createBackend({
    schema,
    modules: { messages, crons: { default: crons } },
    onLog: () => {},
  });
  await backend.ready;
  await backend.run(async (ctx) => {
    for (let i = 0; i < 120; i++) {
      const author = ["Ada", "Grace", "Linus"][i % 3] as string;
      await ctx.db.insert("messages", { author, body: `message ${i}`, likes: i });
    }
  });
  const server: NodeServer = await serve(backend, { inspect: inspector(backend, { key: KEY }) });
  const close = async () => {
    await server.close();
    await backend.close();
  };
  return { backend, url: `${server.url}/inspector`, close };
}
