// One life of a process that is killed: says what it found, then commits as fast as it can and says
// what was acknowledged, a line each. Bundled and started by crash.test.ts.

import { writeSync } from "node:fs";
import BetterSqlite from "better-sqlite3";
import { createBackend } from "invex";
import { defineSchema, defineTable, functionsFor, makeFunctionReference } from "invex/server";
import { type SqliteHandle, sqlite } from "invex/sqlite";
import { v } from "invex/values";

const schema = defineSchema({
  halves: defineTable({ pair: v.number(), half: v.string() }),
  notes: defineTable({ pair: v.number() }),
});
const { mutation, internalMutation, query } = functionsFor(schema);
const note = makeFunctionReference<"mutation", { pair: number }>("pairs:note");

const pairs = {
  add: mutation({
    args: { pair: v.number() },
    handler: async (ctx, { pair }) => {
      await ctx.db.insert("halves", { pair, half: "a" });
      await ctx.scheduler.runAfter(0, note, { pair });
      await ctx.db.insert("halves", { pair, half: "b" });
    },
  }),
  note: internalMutation({
    args: { pair: v.number() },
    handler: async (ctx, { pair }) => void (await ctx.db.insert("notes", { pair })),
  }),
  found: query({
    args: {},
    handler: async (ctx) => {
      const halves = await ctx.db.query("halves").collect();
      const notes = await ctx.db.query("notes").collect();
      const lastCreationTime = Math.max(0, ...halves.map((half) => half._creationTime));
      const pairOf = ({ pair }: { pair: number }) => pair;
      return { halves: halves.map(pairOf), notes: notes.map(pairOf), lastCreationTime };
    },
  }),
};

const [file = "", firstPair = "0", mode = "commit"] = process.argv.slice(2);
const db = new BetterSqlite(file, { timeout: 0 }) as unknown as SqliteHandle;
const backend = createBackend({
  schema,
  modules: { pairs },
  persistence: sqlite(db, { synchronous: "normal" }),
  limits: { documentsRead: 1e6, bytesRead: 1e9 },
  onLog: () => {},
});
const say = (line: unknown) => writeSync(1, `${JSON.stringify(line)}\n`);

say({ found: await backend.query("pairs:found") });
if (mode === "settle") {
  await backend.settle();
  say({ found: await backend.query("pairs:found") });
  await backend.close();
} else {
  backend.onCommit(({ ts }) => say({ ts: String(ts) }));
  for (let pair = Number(firstPair); ; pair += 3) {
    const three = [pair, pair + 1, pair + 2].map(async (each) => {
      await backend.mutation("pairs:add", { pair: each });
      say({ acknowledged: each });
    });
    await Promise.all(three);
  }
}
