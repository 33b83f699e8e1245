/** An import among other work: one commit, seen by everybody as one. */
import type { Backend } from "invex";
import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { Snapshots } from "../../src/backend/snapshots";
import { openFiles } from "../../src/backend/storage-services";
import type { CommitRecord } from "../../src/db/commit-record";
import { must } from "../../src/shared/assert";
import { createRandom } from "../../src/shared/random";
import type { Files } from "../../src/storage/files";
import { openDatabase } from "../db/open-database";
import { gate } from "../fixtures/lab";
import {
  bytesOf,
  createSnapshotLab,
  documentsOf,
  failureOf,
  idOf,
  importFiles,
  schema,
  textOf,
} from "./snapshot-lab";

const { query, mutation } = functionsFor(schema);

const modules = {
  m: {
    names: query(async ({ db }) => (await db.query("users").collect()).map(({ name }) => name)),
    both: query(async ({ db }) => {
      const [users, posts] = [await db.query("users").collect(), await db.query("posts").collect()];
      return `${users.length} users, ${posts.length} posts`;
    }),
    normal: query({
      args: { id: v.string() },
      handler: async ({ db }, { id }) => db.normalizeId("users", id),
    }),
    user: query({
      args: { id: v.id("users") },
      returns: v.union(v.null(), v.object({ id: v.id("users") })),
      handler: async ({ db }, { id }) => ((await db.get(id)) === null ? null : { id }),
    }),
    search: query(async ({ db }, { word }: { word: string }) =>
      (
        await db
          .query("posts")
          .withSearchIndex("by_text", (q) => q.search("text", word))
          .collect()
      ).map(({ text }) => text),
    ),
    add: mutation({
      args: { name: v.string() },
      handler: async ({ db }, { name }) => db.insert("users", { name }),
    }),
  },
};

const lab = (options = {}) => createSnapshotLab({ modules, ...options });

/** Two tables whose numbers are not those of the schema. */
function archive(number = 20_000, size = 3): Record<string, string> {
  const users: string[] = [];
  const posts: string[] = [];
  for (let i = 0; i < size; i++) {
    users.push(JSON.stringify({ _id: idOf(number, i), name: `u${i}` }));
    const [by, vector] = [idOf(number, i), [1, i]];
    posts.push(JSON.stringify({ _id: idOf(number + 1, i), by, text: `word${i} common`, vector }));
  }
  return { "users/documents.jsonl": users.join("\n"), "posts/documents.jsonl": posts.join("\n") };
}

describe("an import", () => {
  it("[SNAP14] is one commit, and live queries hear of it once", async () => {
    for (const number of [10_001, 20_000]) {
      const backend = lab();
      await backend.run(({ db }) => db.insert("users", { name: "old" }));
      const commits: { ts: bigint; count: number }[] = [];
      backend.onCommit(({ ts, changes }) => commits.push({ ts, count: changes.length }));
      const heard: unknown[] = [];
      backend.subscribe("m:both", {}, (result) => heard.push(result));
      await backend.settle();
      const { ts } = await importFiles(backend, archive(number), { mode: "replace" });
      await backend.settle();
      expect(commits).toEqual([{ ts, count: 7 }]);
      expect(heard).toEqual(["1 users, 0 posts", "3 users, 3 posts"]);
      await backend.close();
    }
  });

  it("[SNAP14] reaches queries on empty tables that change their number", async () => {
    const backend = lab();
    const heard: unknown[] = [];
    const found: unknown[] = [];
    const ids: unknown[] = [];
    backend.subscribe("m:names", {}, (result) => heard.push(result));
    backend.subscribe("m:search", { word: "common" }, (result) => found.push(result));
    backend.subscribe("m:normal", { id: idOf(20_000, 1) }, (result) => ids.push(result));
    await backend.settle();
    await importFiles(backend, archive());
    await backend.settle();
    expect(heard).toEqual([[], ["u0", "u1", "u2"]]);
    expect(found).toEqual([[], expect.arrayContaining(["word0 common", "word2 common"])]);
    expect(ids).toEqual([null, idOf(20_000, 1)]);
  });

  it("[SNAP14] is not cached over", async () => {
    const backend = lab();
    expect(await backend.query("m:names", {})).toEqual([]);
    await importFiles(backend, archive());
    expect(await backend.query("m:names", {})).toEqual(["u0", "u1", "u2"]);
  });

  it("[SNAP15] is not seen by a query that has begun before it", async () => {
    const backend = lab();
    await backend.run(({ db }) => db.insert("users", { name: "old" }));
    const [imported, reached] = [gate(), gate()];
    const old = idOf(10_001, 0).slice(0, 3);
    const running = backend.query(async ({ db }) => {
      reached.open();
      await imported.opened;
      const users = await db.query("users").collect();
      const one = await db.get(users[0]!._id);
      const posts = await db.query("posts").collect();
      return { users, one, posts, normal: db.normalizeId("users", users[0]!._id) };
    });
    await reached.opened;
    await importFiles(backend, archive(), { mode: "replace" });
    imported.open();
    const seen = await running;
    expect(seen.users).toMatchObject([{ name: "old" }]);
    expect(seen.one).toEqual(seen.users[0]);
    expect(seen.normal).toBe(seen.users[0]!._id);
    expect(String(seen.users[0]!._id).slice(0, 3)).toBe(old);
    expect(seen.posts).toEqual([]);
    expect((await documentsOf(backend)).users).toHaveLength(3);
  });

  it("[SNAP15] makes a mutation that overlaps with it run again", async () => {
    const backend = lab();
    const [imported, reached] = [gate(), gate()];
    let runs = 0;
    const running = backend.mutation(async ({ db }) => {
      runs += 1;
      const id = await db.insert("users", { name: "blind" });
      reached.open();
      await imported.opened;
      return id;
    });
    await reached.opened;
    await importFiles(backend, archive());
    imported.open();
    const id = await running;
    expect(runs).toBe(2);
    expect(String(id).slice(0, 3)).toBe(idOf(20_000).slice(0, 3));
    expect((await documentsOf(backend)).users).toHaveLength(4);
    expect(await backend.query("m:user", { id })).toEqual({ id });
  });

  it("[SNAP15] waits for its turn behind commits, and is refused by what they did", async () => {
    const backend = lab();
    const importing = importFiles(backend, archive());
    const adding = backend.mutation("m:add", { name: "first" });
    const [outcome] = await Promise.allSettled([importing, adding]);
    expect(outcome.status).toBe("rejected");
    expect((await documentsOf(backend)).users).toMatchObject([{ name: "first" }]);
  });

  it("[SNAP16] changes what validators of ids take", async () => {
    const backend = lab();
    const old = await backend.mutation("m:add", { name: "old" });
    expect(await backend.query("m:user", { id: old })).toEqual({ id: old });
    await importFiles(backend, archive(), { mode: "replace" });
    const forks = [backend, backend.fork() as Backend];
    for (const each of forks) {
      const id = idOf(20_000, 1);
      expect(await each.query("m:user", { id })).toEqual({ id });
      expect((await failureOf(each.query("m:user", { id: old }))).message).toContain(
        "ArgumentValidationError",
      );
      const insert = (by: unknown) =>
        each.run(({ db }) => db.insert("posts", { by, text: "x" } as never));
      await insert(id);
      expect((await failureOf(insert(old))).message).toContain('v.id("users")');
    }
    // Others of the same schema keep their numbers.
    const other = lab();
    const added = await other.mutation("m:add", { name: "other" });
    expect(await other.query("m:user", { id: added })).toEqual({ id: added });
  });

  it("[SNAP16] changes them for tables that are not in the import too", async () => {
    const backend = lab();
    const old = await backend.mutation("m:add", { name: "old" });
    const insert = (by: unknown) =>
      backend.run(({ db }) => db.insert("posts", { by, text: "x" } as never));
    await insert(old);
    const { "users/documents.jsonl": users } = archive();
    await importFiles(backend, { "users/documents.jsonl": users! }, { mode: "replace" });
    await insert(idOf(20_000, 1));
    expect((await failureOf(insert(old))).message).toContain('v.id("users")');
    expect((await documentsOf(backend)).posts).toHaveLength(2);
  });

  it("[SNAP17] is found by text and vector searches, and what it replaces no more", async () => {
    const backend = lab();
    const vectors = (from: Backend) =>
      from.action(async (ctx) =>
        (await ctx.vectorSearch("posts", "by_vector", { vector: [1, 0], limit: 9 })).map(
          ({ _id }) => String(_id),
        ),
      );
    await importFiles(backend, archive(20_000, 3));
    expect(await backend.query("m:search", { word: "word2" })).toEqual(["word2 common"]);
    expect(await vectors(backend)).toEqual([0, 1, 2].map((i) => idOf(20_001, i)));
    for (const number of [20_000, 30_000]) {
      await importFiles(backend, archive(number, 2), { mode: "replace" });
      expect(await backend.query("m:search", { word: "word2" })).toEqual([]);
      expect(await backend.query("m:search", { word: "common" })).toHaveLength(2);
      expect(await vectors(backend)).toEqual([0, 1].map((i) => idOf(number + 1, i)));
      const byName = await backend.run(({ db }) =>
        db
          .query("users")
          .withIndex("by_name", (q) => q.eq("name", "u1"))
          .collect(),
      );
      expect(byName).toMatchObject([{ _id: idOf(number, 1) }]);
    }
  });

  it("[SNAP31] may be larger than any transaction", async () => {
    const backend = lab({
      limits: { documentsWritten: 10, documentsRead: 10, bytesWritten: 1000 },
    });
    await importFiles(backend, archive(10_001, 2000));
    await importFiles(backend, archive(20_000, 1000), { mode: "replace" });
    const text = await textOf(backend.exportTable("users"));
    expect(text.trim().split("\n")).toHaveLength(1000);
  });

  it("[SNAP30] tells how far it is", async () => {
    const backend = lab();
    const steps: string[] = [];
    const note = ({
      table,
      documents,
      isDone,
    }: {
      table: string;
      documents: number;
      isDone: boolean;
    }) => steps.push(`${table} ${documents}${isDone ? " done" : ""}`);
    await importFiles(backend, archive(20_000, 2100), { onProgress: note });
    const progress = (table: string) => [`${table} 1000`, `${table} 2000`, `${table} 2100 done`];
    expect(steps.splice(0)).toEqual([...progress("users"), ...progress("posts")]);
    await bytesOf(backend.exportSnapshot({ onProgress: note }));
    const exported = [
      "things 0 done",
      ...progress("users"),
      ...progress("posts"),
      "_storage 0 done",
    ];
    expect(steps).toEqual(exported);
  });

  it("[SNAP30] is called off by a listener that throws", async () => {
    const backend = lab();
    const onProgress = () => {
      throw new Error("enough");
    };
    const failure = await failureOf(importFiles(backend, archive(), { onProgress }));
    expect(failure.message).toContain("enough");
    expect(await documentsOf(backend)).toEqual({ users: [], posts: [], things: [] });
  });
});

describe("an export", () => {
  it("[SNAP25] is the version of its beginning, through changes of tables too", async () => {
    const backend = lab();
    await importFiles(backend, archive(10_001, 300));
    const before = await textOf(backend.exportTable("posts"));
    const whole = backend.exportSnapshot();
    const one = backend.exportTable("posts");
    await importFiles(backend, archive(20_000, 2), { mode: "replaceAll" });
    await backend.mutation("m:add", { name: "later" });
    expect(await textOf(one)).toBe(before);
    const copy = lab({ seed: "copy" });
    await copy.importSnapshot(whole);
    expect(await textOf(copy.exportTable("posts"))).toBe(before);
    expect((await documentsOf(backend)).users).toHaveLength(3);
  });

  it("[SNAP25] lets go of its version when it is cancelled, read or not", async () => {
    const { database, committer, commit, items } = openDatabase("cancel");
    commit((tx) => tx.insert(items, { a: 1 }));
    const snapshots = new Snapshots({ database, committer, files: memoryFiles() });
    const streams = [snapshots.exportSnapshot({}), snapshots.exportTable("items", {})];
    const begun = snapshots.exportSnapshot({}).getReader();
    await begun.read();
    const read = snapshots.exportTable("items", {});
    const failing = snapshots.exportTable("nothing", {});
    const store = must(database.storeOf(items));
    const isHeld = () => {
      commit((tx) => tx.insert(items, { a: 2 }));
      return store.hasPast;
    };
    expect(isHeld()).toBe(true);
    for (const stream of streams) await stream.cancel();
    await begun.cancel();
    await textOf(read);
    expect(isHeld()).toBe(true);
    await failureOf(textOf(failing));
    expect(isHeld()).toBe(false);
  });
});

function memoryFiles(): Files {
  return openFiles({
    url: "http://x",
    random: createRandom("files"),
    secret: new Uint8Array(32),
    bytes: undefined,
    outside: (body) => body(),
  });
}

describe("a commit sink", () => {
  it("[SNAP32] gets an import as one record, and its number", async () => {
    const records: CommitRecord[] = [];
    const { database, committer } = openDatabase("sink", {
      sink: { append: async (batch) => void records.push(...batch) },
    });
    const snapshots = new Snapshots({ database, committer, files: memoryFiles() });
    const lines = `{"_id":"${idOf(30_000, 1)}","a":1}\n{"_id":"${idOf(30_000, 2)}","a":2}`;
    await snapshots.importTable("items", new Blob([lines]), {});
    expect(records).toHaveLength(1);
    const [{ changes, createdTables, droppedTables }] = records as [CommitRecord];
    expect(changes.map(({ id, before }) => [id, before])).toEqual([
      [idOf(30_000, 1), undefined],
      [idOf(30_000, 2), undefined],
    ]);
    expect(createdTables.map(({ name, number }) => [name, number])).toEqual([["items", 30_000]]);
    expect(droppedTables?.map(({ name, number }) => [name, number])).toEqual([["items", 10_001]]);
    database.checkInvariants();
  });

  it("[SNAP32] that fails leaves nothing visible", async () => {
    const { database, committer } = openDatabase("failing", {
      sink: { append: () => Promise.reject(new Error("disk full")) },
    });
    const snapshots = new Snapshots({ database, committer, files: memoryFiles() });
    const rows = new Blob([`{"_id":"${idOf(30_000, 1)}","a":1}`]);
    const failure = await failureOf(snapshots.importTable("items", rows, {}));
    expect(failure.code).toBe("PersistenceFailed");
    expect(database.latest.seq).toBe(0);
    const tx = database.begin();
    const table = must(tx.table("", "items"));
    expect([table.number, tx.get(table, idOf(30_000, 1))]).toEqual([10_001, undefined]);
    tx.close();
  });
});

it("[SNAP18] a table that the schema does not list holds anything", async () => {
  const strict = defineSchema({ users: defineTable({ name: v.string() }) });
  const backend = createSnapshotLab({ schema: strict as never });
  await importFiles(backend, { "extra/documents.jsonl": '{"any":[1]}' });
  expect((await documentsOf(backend, ["extra"])).extra).toHaveLength(1);
});
