// Runs inside a page: backends on the browser's own IndexedDB and Web Locks.

import { deleteDB, openDB } from "idb";
import { createBackend, isInvexError } from "invex";
import { indexedDB } from "invex/indexeddb";
import { persistenceCases } from "invex/persistence";
import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";

/** @returns what the cases of the port's contract say, by name: "" when all is well */
export async function conformance(): Promise<Record<string, string>> {
  let names = 0;
  const cases = persistenceCases({
    create: () => {
      const name = `conformance${++names}`;
      const adapter = () => indexedDB(name, { waitMs: 0 });
      return { adapter, dispose: () => deleteDB(name) };
    },
  });
  const results: Record<string, string> = {};
  for (const { name, run } of cases) results[name] = await run().then(() => "", String);
  return results;
}

const schema = defineSchema({
  pairs: defineTable({ n: v.number(), side: v.string() }).index("by_n", ["n"]),
  totals: defineTable({ count: v.number() }),
  blobs: defineTable({ content: v.bytes() }),
});
const { query, mutation, action } = functionsFor(schema);

const ledger = {
  /** Two documents and a counter: what is there of one is there of all. */
  add: mutation({
    args: { n: v.number() },
    handler: async (ctx, { n }) => {
      await ctx.db.insert("pairs", { n, side: "left" });
      await ctx.db.insert("pairs", { n, side: "right" });
      const total = await ctx.db.query("totals").first();
      if (total === null) await ctx.db.insert("totals", { count: 1 });
      else await ctx.db.patch(total._id, { count: total.count + 1 });
    },
  }),
  read: query({
    args: {},
    handler: async (ctx) => ({
      pairs: (await ctx.db.query("pairs").withIndex("by_n").collect()).map(({ n }) => n),
      count: (await ctx.db.query("totals").first())?.count ?? 0,
    }),
  }),
  fill: mutation({
    args: { bytes: v.number() },
    handler: (ctx, { bytes }) => ctx.db.insert("blobs", { content: noise(bytes).buffer }),
  }),
  keep: action({
    args: { bytes: v.number() },
    handler: (ctx, { bytes }) =>
      ctx.storage.store(new Blob([noise(bytes)], { type: "text/plain" })),
  }),
  sizeOf: action({
    args: { id: v.id("_storage") },
    handler: async (ctx, { id }) => (await ctx.storage.get(id))?.size ?? -1,
  }),
};

/**
 * Whether a database that is not Invex's, made by the first call, is still there: when it is not, the
 * browser itself has dropped all that the origin kept.
 */
export async function witness(): Promise<boolean> {
  let isThere = true;
  const database = await openDB("witness", 1, {
    upgrade: (created) => {
      isThere = false;
      created.createObjectStore("nothing");
    },
  });
  database.close();
  return isThere;
}

function open() {
  return createBackend({
    schema,
    modules: { ledger },
    persistence: indexedDB("ledger"),
    onLog: () => {},
  });
}

let backend: ReturnType<typeof open> | undefined;
const opened = () => {
  backend ??= open();
  return backend;
};

/** What is in the ledger; opens it when this page has not. */
export function read() {
  return opened().query("ledger:read", {}) as Promise<{ pairs: number[]; count: number }>;
}

export async function add(n: number) {
  await opened().mutation("ledger:add", { n });
}

/** @returns code, problem and text of the error of opening, or "opened" */
export async function whyNot() {
  try {
    await opened().ready;
    return "opened";
  } catch (error) {
    return told(error);
  }
}

/**
 * Adds `from`, `from + 1` and so on until the page is gone, several at a time; tells of each that was
 * acknowledged by calling `acknowledged`, which the test has put into the page.
 */
export async function addForEver(from: number) {
  const { acknowledged } = globalThis as unknown as { acknowledged(n: number): Promise<void> };
  let next = from;
  const one = async () => {
    for (;;) {
      const n = next++;
      await add(n);
      void acknowledged(n);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}

/** Commits and uploads until there is no room; says how each ended. */
export async function fillUp() {
  const megabyte = 1_000_000;
  const file = await opened()
    .action("ledger:keep", { bytes: 40 * megabyte })
    .then(() => "stored", told);
  await add(1);
  let commits = 0;
  let commit: unknown;
  while (commit === undefined) {
    await opened()
      .mutation("ledger:fill", { bytes: megabyte / 2 })
      .then(
        () => {
          commits += 1;
        },
        (error: unknown) => {
          commit = told(error);
        },
      );
  }
  return { file, commit, commits };
}

export function keep(bytes: number) {
  return opened().action("ledger:keep", { bytes }) as Promise<string>;
}

export function sizeOf(id: string) {
  return opened().action("ledger:sizeOf", { id });
}

/** Bytes that cannot be compressed. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

function told(error: unknown) {
  if (!isInvexError(error)) throw error;
  return { code: error.code, problem: error.fields?.problem, message: error.message };
}
