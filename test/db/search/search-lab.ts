// A backend with a table that is searched in every way, and shorthands for searching it.

import type { BackendOptions } from "invex";
import { createBackend } from "invex";
import type {
  DataModelFromSchemaDefinition,
  GenericActionCtx,
  GenericMutationCtx,
} from "invex/server";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import type { LabBackend } from "../../fixtures/lab";
import { sentinel } from "../../fixtures/sentinel";
import { SteppedClock } from "../../fixtures/stepped-clock";

const schema = defineSchema({
  notes: defineTable(v.any())
    .index("by_n", ["n"])
    .searchIndex("by_body", { searchField: "body", filterFields: ["channel", "n", "deep.tag"] })
    .searchIndex("by_deep_text", { searchField: "deep.text" })
    .searchIndex("staged_text", { searchField: "title", staged: true })
    .vectorIndex("by_place", {
      vectorField: "place",
      dimensions: 3,
      filterFields: ["channel", "n", "deep.tag"],
    })
    .vectorIndex("staged_place", { vectorField: "other", dimensions: 2, staged: true }),
});

type Model = DataModelFromSchemaDefinition<typeof schema>;
export type Ctx = GenericMutationCtx<Model>;
export type ActionCtx = GenericActionCtx<Model>;

// biome-ignore lint/suspicious/noExplicitAny: the table holds anything
export type Note = any;

/** What `withSearchIndex` callbacks are written against here: misuse is the point of many tests. */
export interface LooseBuilder {
  search(field: string, text: string): LooseBuilder;
  eq(field: string, value: unknown): LooseBuilder;
}

export interface SearchLab extends Omit<LabBackend, "run" | "action"> {
  run<T>(handler: (ctx: Ctx) => Promise<T>): Promise<T>;
  action<T>(handler: (ctx: ActionCtx) => Promise<T>): Promise<T>;
  fork(): SearchLab;
}

export function createSearchLab(
  functions: Record<string, unknown> = {},
  options: Partial<BackendOptions> = {},
): SearchLab {
  const modules = { m: functions, sentinel };
  const clock = new SteppedClock();
  return createBackend({ seed: "search", ...options, schema, modules, clock } as never) as never;
}

/** A search written without the types of the schema. */
export function searchOf(
  ctx: { readonly db: Pick<Ctx["db"], "query"> },
  callback: (q: LooseBuilder) => unknown,
  index = "by_body",
  table = "notes",
) {
  return ctx.db.query(table as "notes").withSearchIndex(index as "by_body", callback as never);
}

/** Bodies of all notes that a search for `text` finds, best first. */
export async function bodies(
  ctx: { readonly db: Pick<Ctx["db"], "query"> },
  text: string,
  filters: Record<string, unknown> = {},
): Promise<string[]> {
  const callback = (q: LooseBuilder) => {
    let builder = q.search("body", text);
    for (const [field, value] of Object.entries(filters)) builder = builder.eq(field, value);
    return builder;
  };
  const found: Note[] = await searchOf(ctx, callback).collect();
  return found.map(({ body }) => body);
}

/** Inserts a note a body. */
export function fill(backend: SearchLab, texts: readonly string[], fields: object = {}) {
  return backend.run(async (ctx) => {
    const ids: string[] = [];
    for (const body of texts) ids.push(await ctx.db.insert("notes", { body, ...fields }));
    return ids;
  });
}
