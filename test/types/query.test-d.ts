/** Queries in types: ranges only say what the index can answer, filters compare like with like. */

import type { Doc, PaginationOptions } from "invex/server";
import { functionsFor } from "invex/server";
import { describe, expectTypeOf, it } from "vitest";
import { schema } from "./fixture";

const { query, action } = functionsFor(schema);
type User = Doc<typeof schema, "users">;

describe("index ranges", () => {
  it("[SCH20] go through the index's fields in order, the tiebreaker last", () => {
    query(async ({ db }) => {
      const users = db.query("users");
      users.withIndex("by_name");
      users.withIndex("by_name", (q) => q);
      users.withIndex("by_name", (q) => q.eq("name", "Ada").lte("_creationTime", 5));
      users.withIndex("by_city_age", (q) => q.eq("address.city", "Rome").gt("age", 3).lt("age", 9));
      users.withIndex("by_city_age", (q) => q.eq("address.city", "Rome").eq("age", undefined));
      users.withIndex("by_creation_time", (q) => q.gt("_creationTime", 5));
      users.withIndex("by_id", (q) => q.eq("_id", "x" as User["_id"]));
      users.withIndex("by_extra", (q) => q.eq("extra.anything", { any: ["value"] }));

      // @ts-expect-error no such index
      users.withIndex("by_age");
      // @ts-expect-error staged indexes cannot be queried
      users.withIndex("staged");
      // @ts-expect-error a search index is not for ranges
      users.withIndex("search_name");
      // @ts-expect-error no such field in the index
      users.withIndex("by_name", (q) => q.eq("age", 5));
      // @ts-expect-error the first field cannot be skipped
      users.withIndex("by_city_age", (q) => q.eq("age", 5));
      // @ts-expect-error nothing can follow on another field after a bound
      users.withIndex("by_city_age", (q) => q.gt("address.city", "A").eq("age", 5));
      // @ts-expect-error lower bounds come before upper bounds
      users.withIndex("by_name", (q) => q.lt("name", "B").gt("name", "A"));
      // @ts-expect-error nothing can follow the last field
      users.withIndex("by_name", (q) => q.eq("name", "A").eq("_creationTime", 1).eq("_id", "x"));
      // @ts-expect-error the field holds strings
      users.withIndex("by_name", (q) => q.eq("name", 5));
      // @ts-expect-error the range is not returned
      users.withIndex("by_name", (q) => void q.eq("name", "Ada"));
      // @ts-expect-error a string is no range
      users.withIndex("by_name", () => "Ada");
      // @ts-expect-error a promise is no range
      users.withIndex("by_name", async (q) => q.eq("name", "Ada"));
    });
  });
});

describe("search filters", () => {
  it("[SCH21] search the search field, then narrow by filter fields", () => {
    query(async ({ db }) => {
      const users = db.query("users");
      users.withSearchIndex("search_name", (q) => q.search("name", "ada"));
      users.withSearchIndex("search_name", (q) =>
        q.search("name", "ada").eq("age", 36).eq("address.city", "London"),
      );
      // @ts-expect-error no such search index
      users.withSearchIndex("by_name", (q) => q.search("name", "ada"));
      // @ts-expect-error another field is searched
      users.withSearchIndex("search_name", (q) => q.search("tags", "ada"));
      // @ts-expect-error no filter field
      users.withSearchIndex("search_name", (q) => q.search("name", "ada").eq("tags", []));
      // @ts-expect-error the field holds numbers
      users.withSearchIndex("search_name", (q) => q.search("name", "ada").eq("age", "36"));
      // @ts-expect-error filters come after the search
      users.withSearchIndex("search_name", (q) => q.eq("age", 36));
      // @ts-expect-error a search says what to search for
      users.withSearchIndex("search_name");
      // @ts-expect-error relevance is the only order
      users.withSearchIndex("search_name", (q) => q.search("name", "a")).order("desc");
      // @ts-expect-error this one has no filter fields
      db.query("messages").withSearchIndex("search_body", (q) => q.search("body", "a").eq("x", 1));
    });
  });
});

describe("filters", () => {
  it("[SCH22] compare like with like and say yes or no", () => {
    query(async ({ db }) => {
      const users = db.query("users");
      users.filter((q) => q.eq(q.field("name"), "Ada"));
      users.filter((q) => q.and(q.gt(q.field("age"), 3), q.not(q.eq(q.field("tags"), []))));
      users.filter((q) => q.lt(q.add(q.field("_creationTime"), 5), q.neg(3)));
      users.filter((q) => q.eq(q.field("address.zip"), null));
      users.filter(() => true);
      // @ts-expect-error no such field
      users.filter((q) => q.eq(q.field("nme"), "Ada"));
      // @ts-expect-error a name is no number
      users.filter((q) => q.eq(q.field("name"), 5));
      // @ts-expect-error names cannot be added
      users.filter((q) => q.eq(q.add(q.field("name"), "x"), "y"));
      // @ts-expect-error a field is no condition
      users.filter((q) => q.field("name"));
      // @ts-expect-error a string is no condition
      users.filter(() => "x");
      // @ts-expect-error conditions are not promised
      users.filter(async (q) => q.eq(q.field("name"), "Ada"));
    });
  });
});

describe("vector filters", () => {
  it("[SCH23] name filter fields of the index, joined by or", () => {
    action(async (ctx) => {
      const found = await ctx.vectorSearch("users", "by_embedding", {
        vector: [1, 2, 3],
        limit: 5,
        filter: (q) => q.or(q.eq("name", "Ada"), q.eq("age", 36)),
      });
      expectTypeOf(found).toEqualTypeOf<{ _id: User["_id"]; _score: number }[]>();
      const vector = [1, 2, 3];
      // @ts-expect-error no filter field
      ctx.vectorSearch("users", "by_embedding", { vector, filter: (q) => q.eq("tags", []) });
      // @ts-expect-error the field holds numbers
      ctx.vectorSearch("users", "by_embedding", { vector, filter: (q) => q.eq("age", "36") });
      // @ts-expect-error there is no and
      ctx.vectorSearch("users", "by_embedding", { vector, filter: (q) => q.and() });
      // @ts-expect-error no such vector index
      ctx.vectorSearch("users", "by_name", { vector });
      // @ts-expect-error something has to be searched for
      ctx.vectorSearch("users", "by_embedding", {});
      // @ts-expect-error the table has none
      ctx.vectorSearch("messages", "by_embedding", { vector });
    });
  });
});

describe("results", () => {
  it("[FNS4] are documents of the table", () => {
    query(async ({ db }, args: { page: PaginationOptions }) => {
      const users = db.query("users").order("desc");
      expectTypeOf(users.collect()).resolves.toEqualTypeOf<User[]>();
      expectTypeOf(users.take(5)).resolves.toEqualTypeOf<User[]>();
      expectTypeOf(users.first()).resolves.toEqualTypeOf<User | null>();
      expectTypeOf(users.unique()).resolves.toEqualTypeOf<User | null>();
      expectTypeOf((await users.paginate(args.page)).page).toEqualTypeOf<User[]>();
      for await (const user of users) expectTypeOf(user).toEqualTypeOf<User>();
      // @ts-expect-error only once
      users.order("asc");
      // @ts-expect-error "asc" or "desc"
      db.query("users").order("up");
      // @ts-expect-error a page begins somewhere
      users.paginate({ numItems: 5 });
    });
  });
});
