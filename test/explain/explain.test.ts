// What `backend.explain` tells, against what the engine then does.

import type { ExplainWarning, Explanation, RangeRead } from "invex";
import { createBackend, isInvexError } from "invex";
import type { FunctionReference } from "invex/server";
import { anyApi, defineSchema, defineTable, functionsFor } from "invex/server";
import { convexTest } from "invex/testing";
import { compareValues, v } from "invex/values";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/values/value";
import { SteppedClock } from "../fixtures/stepped-clock";
import { randomField } from "../model/random-values";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

const schema = defineSchema({
  messages: defineTable({ channel: v.string(), author: v.string(), likes: v.number() })
    .index("by_channel", ["channel"])
    .index("by_channel_and_likes", ["channel", "likes"])
    .searchIndex("search_author", { searchField: "author", filterFields: ["channel"] }),
  things: defineTable(v.any()).index("by_a_b", ["a", "b"]),
});

const { query, mutation, action } = functionsFor(schema);

const channelArgs = { channel: v.string() };

const messages = {
  inChannel: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel", (q) => q.eq("channel", channel))
        .collect(),
  }),
  newest: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel", (q) => q.eq("channel", channel))
        .order("desc")
        .take(2),
  }),
  liked: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel_and_likes", (q) => q.eq("channel", channel).gt("likes", 5))
        .collect(),
  }),
  all: query((ctx) => ctx.db.query("messages").collect()),
  filtered: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .filter((q) => q.eq(q.field("author"), channel))
        .collect(),
  }),
  byChannelAndAuthor: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withIndex("by_channel", (q) => q.eq("channel", channel))
        .filter((q) => q.and(q.eq(q.field("author"), "Ada"), q.neq(q.field("likes"), 3)))
        .collect(),
  }),
  search: query({
    args: channelArgs,
    handler: (ctx, { channel }) =>
      ctx.db
        .query("messages")
        .withSearchIndex("search_author", (q) =>
          q.search("author", "Ada Lo").eq("channel", channel),
        )
        .collect(),
  }),
  one: query({ args: { id: v.id("messages") }, handler: (ctx, { id }) => ctx.db.get(id) }),
  whoAndWhen: query(async (ctx) => {
    const identity = await ctx.auth.getUserIdentity();
    return [identity?.name ?? null, Date.now() > 0];
  }),
  tooMuch: query(async (ctx) => {
    const rows = await ctx.db.query("messages").collect();
    throw new Error(`read ${rows.length}`);
  }),
  send: mutation({
    args: { channel: v.string(), author: v.string(), likes: v.number() },
    handler: (ctx, message) => ctx.db.insert("messages", message),
  }),
  sendAndSchedule: mutation(async (ctx) => {
    const id = await ctx.db.insert("messages", { channel: "x", author: "y", likes: 0 });
    await ctx.scheduler.runAfter(0, "messages:later" as never, {});
    await ctx.storage.generateUploadUrl();
    return id;
  }),
  later: mutation((ctx) => ctx.db.insert("messages", { channel: "job", author: "job", likes: 0 })),
  act: action(async () => 1),
};

function start(limits = {}) {
  const clock = new SteppedClock();
  const backend = createBackend({
    seed: "explain",
    schema,
    modules: { messages },
    clock,
    limits,
    onLog: () => {},
  });
  const send = (channel: string, author = "Ada", likes = 0) =>
    backend.mutation(backend.api.messages.send, { channel, author, likes });
  return { backend, clock, send, api: backend.api.messages };
}

async function filled() {
  const started = start();
  for (let i = 0; i < 20; i++) {
    await started.send(i % 4 === 0 ? "general" : "random", i % 2 === 0 ? "Ada" : "Grace", i);
  }
  return started;
}

const texts = ({ reads }: Explanation) => reads.map(({ text }) => text);

describe("backend.explain", () => {
  it("[EXP1] prints ranges as the author would say them", async () => {
    const { backend, api } = await filled();
    expect(texts(await backend.explain(api.inChannel, { channel: "general" }))).toEqual([
      'messages.by_channel: channel = "general"',
    ]);
    const liked = await backend.explain(api.liked, { channel: "general" });
    expect(texts(liked)).toEqual(['messages.by_channel_and_likes: channel = "general", likes > 5']);
    expect(liked.reads[0]).toMatchObject({
      equal: [{ field: "channel", value: "general" }],
      lower: { fields: ["likes"], values: [5], inclusive: false },
    });
    expect(liked.indexes).toEqual(["messages.by_channel_and_likes"]);
    expect(texts(await backend.explain(api.all))).toEqual([
      "messages.by_creation_time: all documents",
    ]);
    const search = texts(await backend.explain(api.search, { channel: "general" }));
    expect(search[0]).toBe('messages: text search for any of ada, lo*, filtered by "general"');
    // Documents that were found are read by their ids as well.
    expect(search.slice(1).every((text) => text.startsWith("messages.by_id"))).toBe(true);
  });

  it("[EXP1] an early end reads only that far, a get one document, and absence too is read", async () => {
    const { backend, api } = await filled();
    const newest = await backend.explain(api.newest, { channel: "random" });
    expect(texts(newest)).toHaveLength(1);
    expect(texts(newest)[0]).toMatch(
      /^messages\.by_channel: channel = "random", _creationTime >= \d+(\.\d+)?$/,
    );
    const id = (await backend.query(api.all))[0]!._id;
    const one = await backend.explain(api.one, { id });
    expect(texts(one)).toEqual([`messages.by_id: _id = "${id}"`]);
    expect(one.indexes).toEqual(["messages.by_id"]);
    const nothing = await backend.explain((ctx) => ctx.db.query("nowhere" as never).collect());
    expect(texts(nothing)).toEqual(["nowhere: the table does not exist"]);
  });

  it("[EXP1] what is in a reported range, and only that, runs the live query again", async () => {
    const seen = { inside: 0, outside: 0 };
    await forEachSeed(seeds("explained-ranges", 60), async (choices) => {
      const range = randomRange(choices);
      const readThings = query((ctx) =>
        ctx.db
          .query("things")
          .withIndex("by_a_b", (q) => applied(q, range) as never)
          .order(range.order)
          .take(range.limit),
      );
      const backend = createBackend({
        seed: "ranges",
        schema,
        modules: { m: { readThings } },
        clock: new SteppedClock(),
      });
      const insert = (a: Part, b: Part) =>
        backend.run((ctx) => ctx.db.insert("things", withoutMissing({ a, b }))) as Promise<string>;
      for (let i = 0; i < 4; i++) await insert(part(choices), part(choices));
      const stop = backend.subscribe("m:readThings", {}, () => {});
      await backend.settle();
      for (let i = 0; i < 8; i++) {
        const { reads } = await backend.explain("m:readThings");
        const before = backend.liveQueries()[0]!.rerunCount;
        const id = await insert(part(choices), part(choices));
        await backend.settle();
        const row = (await backend.run((ctx) => ctx.db.get(id as never))) as Row;
        const isInside = reads.some((read) => isIn(read as RangeRead, row));
        const isRerun = backend.liveQueries()[0]!.rerunCount > before;
        expect(isRerun).toBe(isInside);
        seen[isInside ? "inside" : "outside"] += 1;
      }
      stop();
      await backend.close();
    });
    expect(seen.inside).toBeGreaterThan(40);
    expect(seen.outside).toBeGreaterThan(60);
  });

  it("[EXP3] counts what was scanned and returned, as the limits count it", async () => {
    const { backend, api } = await filled();
    const explained = await backend.explain(api.filtered, { channel: "Ada" });
    expect(explained.scanned.documents).toBe(20);
    expect(explained.returned.documents).toBe(10);
    expect(explained.scanned.bytes).toBe(explained.limits.bytesRead.used);
    expect(explained.returned.bytes).toBeLessThan(explained.scanned.bytes);
    expect(explained.limits.documentsRead).toEqual({ used: 20, limit: 32_000, share: 20 / 32_000 });
    expect(explained.limits.databaseQueries.used).toBe(1);
    expect(explained.queries).toMatchObject([
      {
        table: "messages",
        kind: "fullTableScan",
        mode: "collect",
        reachedEnd: true,
        text: 'query("messages").filter((q) => q.eq(q.field("author"), "Ada"))',
      },
    ]);
    expect(explained.durationMs).toBeGreaterThanOrEqual(0);
  });

  it("[EXP3] includes nested calls and by-id reads; a mutation's writes count", async () => {
    const { backend } = await filled();
    const explained = await backend.explain(async (ctx) => {
      const rows = await ctx.runQuery(
        "messages:inChannel" as never,
        { channel: "general" } as never,
      );
      return ctx.db.get((rows as { _id: never }[])[0]!._id);
    });
    expect(explained.scanned.documents).toBe(6);
    expect(explained.returned.documents).toBe(6);
    const sent = await backend.explain("messages:send", { channel: "a", author: "b", likes: 1 });
    expect(sent.kind).toBe("mutation");
    expect(sent.limits.documentsWritten.used).toBe(1);
    expect(sent.limits.bytesWritten.used).toBeGreaterThan(0);
  });
});

describe("the cache in an explanation", () => {
  const args = { channel: "general" };

  it("[EXP4] is missed before the first question, hit after it, and invalidated by a write", async () => {
    const { backend, api, send } = await filled();
    const cache = async () => (await backend.explain(api.newest, args)).cache;
    expect(await cache()).toEqual({ hit: false, reason: "notAsked" });
    await backend.query(api.newest, args);
    expect(await cache()).toEqual({ hit: true, reason: "cached" });
    await send("random");
    expect(await cache()).toEqual({ hit: true, reason: "cached" });
    const id = await send("general");
    const missed = await cache();
    expect(missed).toMatchObject({ hit: false, reason: "invalidated" });
    expect(missed.invalidatedBy).toMatchObject([
      { function: "messages:send", change: "insert", table: "messages", id },
    ]);
    expect(missed.invalidatedBy![0]!.read.text).toContain('channel = "general", _creationTime >=');
    await backend.query(api.newest, args);
    expect((await cache()).hit).toBe(true);
  });

  it("[EXP4] tells a live query, a large answer, the time, and mutations", async () => {
    const { backend, api, clock, send } = await filled();
    const stop = backend.subscribe(api.newest, args, () => {});
    await backend.settle();
    expect((await backend.explain(api.newest, args)).cache).toEqual({
      hit: true,
      reason: "liveQuery",
    });
    stop();
    for (let i = 0; i < 40; i++) await send("general");
    await backend.query(api.all);
    expect((await backend.explain(api.all)).cache.reason).toBe("largeAnswer");
    await backend.query(api.all);
    await backend.query(api.all);
    expect((await backend.explain(api.all)).cache).toEqual({ hit: true, reason: "cached" });
    await backend.query(api.whoAndWhen);
    const fresh = await backend.explain(api.whoAndWhen);
    expect(fresh).toMatchObject({ usesTime: true, usesIdentity: true, cache: { hit: true } });
    clock.tick(17_000);
    expect((await backend.explain(api.whoAndWhen)).cache.reason).toBe("expired");
    const mutation = await backend.explain(api.send, { channel: "a", author: "b", likes: 0 });
    expect(mutation.cache).toEqual({ hit: false, reason: "notCached" });
  });

  it("[EXP4] is the caller's own where the function asks who calls", async () => {
    const { backend, api } = await filled();
    const ada = backend.withIdentity({ name: "Ada" });
    await ada.query(api.whoAndWhen);
    const explained = await ada.explain(api.whoAndWhen);
    expect(explained.result).toEqual({ ok: true, value: ["Ada", true] });
    expect(explained.cache.hit).toBe(true);
    expect((await backend.explain(api.whoAndWhen)).cache).toEqual({
      hit: false,
      reason: "notAsked",
    });
  });

  it("[EXP10] is left as it was", async () => {
    const { backend, api } = await filled();
    for (let i = 0; i < 3; i++) {
      expect((await backend.explain(api.newest, args)).cache.reason).toBe("notAsked");
    }
    const heard: unknown[] = [];
    const stop = backend.subscribe(api.newest, args, (rows) => heard.push(rows));
    await backend.settle();
    await backend.explain(api.newest, args);
    await backend.settle();
    expect(heard).toHaveLength(1);
    stop();
  });
});

describe("warnings", () => {
  const adviceOf = ({ kind, index, withIndex }: ExplainWarning) => ({ kind, index, withIndex });

  it("[EXP5] a full table scan names the index that its filter wants", async () => {
    const { backend, api } = await filled();
    const { warnings } = await backend.explain(api.filtered, { channel: "Ada" });
    expect(warnings.map(adviceOf)).toEqual([
      {
        kind: "fullTableScan",
        index: '.index("by_author", ["author"])',
        withIndex: '.withIndex("by_author", (q) => q.eq("author", "Ada"))',
      },
    ]);
    expect(warnings[0]!.message).toContain("All 20 documents");
    const scan = await backend.explain(api.all);
    expect(scan.warnings.map(adviceOf)).toEqual([{ kind: "fullTableScan" }]);
  });

  it("[EXP5] a filter behind an index extends that index", async () => {
    const { backend, api } = await filled();
    const { warnings } = await backend.explain(api.byChannelAndAuthor, { channel: "random" });
    expect(warnings.map(adviceOf)).toEqual([
      {
        kind: "filterWithoutIndex",
        index: '.index("by_channel_and_author", ["channel", "author"])',
        withIndex:
          '.withIndex("by_channel_and_author", (q) => q.eq("channel", "random").eq("author", "Ada"))',
      },
    ]);
    expect(warnings[0]!.message).toContain("some of the filter's conditions");
  });

  it("[EXP5] an index that is there already is pointed to", async () => {
    const { backend } = await filled();
    const { warnings } = await backend.explain((ctx) =>
      ctx.db
        .query("messages")
        .filter((q) => q.and(q.eq("random", q.field("channel")), q.gte(q.field("likes"), 10)))
        .collect(),
    );
    expect(warnings.map(adviceOf)).toEqual([
      {
        kind: "fullTableScan",
        withIndex:
          '.withIndex("by_channel_and_likes", (q) => q.eq("channel", "random").gte("likes", 10))',
      },
    ]);
  });

  it("[EXP5] a thousand documents collected at once are, unless somebody took them", async () => {
    const { backend } = start();
    await backend.run(async (ctx) => {
      for (let i = 0; i < 1000; i++) {
        await ctx.db.insert("messages", { channel: "big", author: "a", likes: i });
      }
    });
    const inBig = (take: number | undefined) => async (ctx: never) => {
      const { db } = ctx as unknown as { db: { query(table: string): Untyped } };
      const rows = db
        .query("messages")
        .withIndex("by_channel", (q: Untyped) => q.eq("channel", "big"));
      return (take === undefined ? await rows.collect() : await rows.take(take)).length;
    };
    expect((await backend.explain(inBig(undefined) as never)).warnings).toMatchObject([
      { kind: "unboundedCollect" },
    ]);
    expect((await backend.explain(inBig(1000) as never)).warnings).toEqual([]);
  });

  it("[EXP5] nothing is said of what is well, or cannot be served", async () => {
    const { backend, api } = await filled();
    const quiet = async (explained: Promise<Explanation>) =>
      expect((await explained).warnings).toEqual([]);
    await quiet(backend.explain(api.inChannel, { channel: "general" }));
    await quiet(backend.explain(api.newest, { channel: "general" }));
    await quiet(backend.explain((ctx) => ctx.db.query("messages").take(3)));
    await quiet(backend.explain((ctx) => ctx.db.query("messages").first()));
    await quiet(
      backend.explain((ctx) =>
        ctx.db
          .query("messages")
          .withIndex("by_channel")
          .filter((q) => q.or(q.eq(q.field("likes"), 1), q.eq(q.field("likes"), 2)))
          .collect(),
      ),
    );
    // All documents pass: the filter threw nothing away.
    await quiet(
      backend.explain((ctx) =>
        ctx.db
          .query("messages")
          .withIndex("by_channel")
          .filter((q) => q.gte(q.field("likes"), 0))
          .collect(),
      ),
    );
    const empty = start();
    await quiet(empty.backend.explain(empty.api.all));
  });

  it("[EXP6] the offered index serves the filter: same documents, nothing read in vain", async () => {
    let offered = 0;
    await forEachSeed(seeds("advice", 80), async (choices) => {
      const filter = randomFilter(choices);
      const rows = Array.from({ length: 25 }, () => randomRow(choices));
      const plain = thingsBackend(schema, rows);
      await plain.ready;
      const before = await plain.explain((ctx) => filteredBy(ctx, undefined, filter));
      const [warning] = before.warnings;
      if (warning?.index === undefined) return;
      offered += 1;
      const [, name, fields] = /^\.index\("(\w+)", (\[.*\])\)$/.exec(warning.index)!;
      const indexed = defineSchema({
        things: defineTable(v.any()).index(name!, JSON.parse(fields!)),
      });
      const range = new Function(
        "q",
        `return q${warning.withIndex!.split("=> q")[1]!.slice(0, -1)}`,
      );
      const served = thingsBackend(indexed as never, rows);
      const whole = warning.message.includes("read only what it returns");
      const after = await served.explain((ctx) =>
        filteredBy(ctx, { name: name!, range: range as never }, whole ? undefined : filter),
      );
      expect(numbersOf(after)).toEqual(numbersOf(before));
      if (whole) expect(after.scanned).toEqual(after.returned);
      expect(after.scanned.documents).toBeLessThanOrEqual(before.scanned.documents);
    });
    expect(offered).toBeGreaterThan(20);
  });
});

describe("an explained call", () => {
  it("[EXP7] of a mutation leaves nothing", async () => {
    const { backend, api } = await filled();
    const heard: unknown[] = [];
    const commits: unknown[] = [];
    const stop = backend.subscribe(api.all, {}, (rows) => heard.push(rows));
    backend.onCommit((commit) => commits.push(commit));
    await backend.settle();
    const { result } = await backend.explain(api.sendAndSchedule);
    expect(result.ok).toBe(true);
    const report = await backend.settle();
    expect(report.runs).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(commits).toEqual([]);
    expect(await backend.query(api.all)).toHaveLength(20);
    stop();
  });

  it("[EXP8] that throws is told up to there", async () => {
    const { backend, api } = await filled();
    const explained = await backend.explain(api.tooMuch);
    expect(explained.result).toMatchObject({ ok: false });
    expect(explained.result.ok || explained.result.error.message).toContain("read 20");
    expect(explained.scanned.documents).toBe(20);
    const limited = start({ documentsRead: 5 });
    for (let i = 0; i < 8; i++) await limited.send("x");
    const stopped = await limited.backend.explain(limited.api.all);
    expect(stopped.result.ok).toBe(false);
    expect(stopped.limits.documentsRead.share).toBe(6 / 5);
  });

  it("[EXP8] of an action or of nothing is refused", async () => {
    const { backend } = start();
    const refused = (name: string) =>
      backend.explain(name, {}).then(
        () => "explained",
        (error) => (isInvexError(error) ? error.code : (error as Error).message),
      );
    expect(await refused("messages:act")).toBe("NotSupported");
    expect(await refused("messages:nothing")).toBe("FunctionNotFound");
  });

  it("[EXP3] in convexTest is the accessor's user's", async () => {
    const t = convexTest({ schema, modules: { "/convex/messages.ts": async () => messages } });
    await t.run((ctx) => ctx.db.insert("messages", { channel: "a", author: "b", likes: 0 }));
    const explained = await t
      .withIdentity({ name: "Ada" })
      .explain(anyApi.messages!.whoAndWhen as FunctionReference<"query">, {});
    expect(explained.result).toEqual({ ok: true, value: ["Ada", true] });
    const inline = await t.explain((ctx) => ctx.db.query("messages").collect());
    expect(inline.scanned.documents).toBe(1);
  });
});

// ---- random ranges and filters -------------------------------------------------------------------

// biome-ignore lint/suspicious/noExplicitAny: queries are built by name here, so nothing is known of their types
type Untyped = any;
type Part = Value | undefined;
type Row = Record<string, Value>;

interface RandomRange {
  readonly calls: readonly [method: string, field: string, value: Part][];
  readonly order: "asc" | "desc";
  readonly limit: number;
}

/** Few different values, so that ranges hold some of them. */
const PARTS: readonly Part[] = [
  undefined,
  null,
  1n,
  255n,
  0,
  1,
  -1.5,
  true,
  "",
  "a",
  "a\0",
  [1],
  {},
];

function part(choices: Choices): Part {
  return choices.chance(0.9) ? choices.pick(PARTS) : randomField(choices, 1);
}

function randomRange(choices: Choices): RandomRange {
  const calls: [string, string, Part][] = [];
  const fields = choices.chance(0.5) ? ["a", "b"] : ["a"];
  for (const field of fields.slice(0, -1)) calls.push(["eq", field, part(choices)]);
  const last = fields.at(-1)!;
  if (choices.chance(0.3)) calls.push(["eq", last, part(choices)]);
  else {
    if (choices.chance(0.6)) calls.push([choices.pick(["gt", "gte"]), last, part(choices)]);
    if (choices.chance(0.6)) calls.push([choices.pick(["lt", "lte"]), last, part(choices)]);
  }
  return { calls, order: choices.pick(["asc", "desc"]), limit: 1 + choices.below(5) };
}

function applied(builder: Untyped, { calls }: RandomRange): Untyped {
  let chain = builder;
  for (const [method, field, value] of calls) chain = chain[method](field, value);
  return chain;
}

function withoutMissing(row: Record<string, Part>): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row;
}

/** The report's own words, judged by the order of values alone. */
function isIn({ equal, lower, upper }: RangeRead, row: Row): boolean {
  const compare = (fields: readonly string[], values: readonly Part[]) => {
    for (const [i, field] of fields.entries()) {
      const order = compareValues(row[field], values[i]);
      if (order !== 0) return order;
    }
    return 0;
  };
  if (equal.some(({ field, value }) => compareValues(row[field], value) !== 0)) return false;
  const fromLower = lower === undefined ? 1 : compare(lower.fields, lower.values);
  const fromUpper = upper === undefined ? -1 : compare(upper.fields, upper.values);
  return (
    (fromLower > 0 || (fromLower === 0 && lower!.inclusive)) &&
    (fromUpper < 0 || (fromUpper === 0 && upper!.inclusive))
  );
}

type Filter = readonly { readonly op: string; readonly field: string; readonly value: Part }[];

const FIELDS = ["a", "b", "c"];

function randomFilter(choices: Choices): Filter {
  return Array.from({ length: 1 + choices.below(3) }, () => ({
    op: choices.pick(["eq", "eq", "gt", "gte", "lt", "lte", "neq"]),
    field: choices.pick(FIELDS),
    value: choices.pick([0, 1, 2, "a", null, undefined]),
  }));
}

function randomRow(choices: Choices): Row {
  return withoutMissing(
    Object.fromEntries(
      FIELDS.map((field) => [field, choices.pick([0, 1, 2, "a", null, undefined])]),
    ),
  );
}

/** A backend whose table holds `rows`, numbered. */
function thingsBackend(definition: typeof schema, rows: readonly Row[]) {
  const backend = createBackend({ seed: "things", schema: definition, modules: {} });
  const ready = backend.run(async (ctx) => {
    for (const [n, row] of rows.entries()) await ctx.db.insert("things", { ...row, n });
  });
  const explain = async (fn: (ctx: Untyped) => unknown) => {
    await ready;
    return backend.explain(fn);
  };
  return { ready, explain };
}

function filteredBy(
  ctx: Untyped,
  index: { name: string; range: (q: Untyped) => Untyped } | undefined,
  filter: Filter | undefined,
) {
  const table = ctx.db.query("things");
  const rows = index === undefined ? table : table.withIndex(index.name, index.range);
  if (filter === undefined) return rows.collect();
  return rows
    .filter((q: Untyped) =>
      q.and(...filter.map(({ op, field, value }) => q[op](q.field(field), value))),
    )
    .collect();
}

function numbersOf({ result }: Explanation): unknown {
  if (!result.ok) throw result.error;
  return (result.value as Row[]).map(({ n }) => n).sort((a, b) => Number(a) - Number(b));
}
