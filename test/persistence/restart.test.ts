// Backends closed, crashed and made again on the same data: in memory, and in a SQLite file.

import { createBackend, isInvexError, manualClock } from "invex";
import { memoryPersistence, type Persistence } from "invex/persistence";
import { defineSchema, defineTable } from "invex/server";
import { sqlite } from "invex/sqlite";
import { v } from "invex/values";
import { afterEach, describe, expect, it } from "vitest";
import { openChores, schema } from "./chores";
import { SqliteFolder } from "./sqlite-files";

const folder = new SqliteFolder();
let files = 0;
afterEach(() => folder.closeAll());

interface Disk {
  readonly persistence: Persistence;
  /** What a crash leaves the next process. */
  crash(): Persistence;
}

const disks = {
  memory: (): Disk => {
    const persistence = memoryPersistence();
    const crash = () => {
      persistence.crash();
      return persistence;
    };
    return { persistence, crash };
  },
  sqlite: () => sqliteDisk("eager"),
  "sqlite, read lazily": () => sqliteDisk("lazy"),
};

function sqliteDisk(load: "eager" | "lazy"): Disk {
  files += 1;
  const name = `restart-${files}.db`;
  const open = () => sqlite(folder.open(undefined, name), { synchronous: "normal", load });
  const crash = () => {
    folder.closeAll();
    return open();
  };
  return { persistence: open(), crash };
}

for (const [kind, create] of Object.entries(disks)) {
  describe(`a backend made again, ${kind}`, () => {
    it("[PER2] has every document as it was, and its indexes", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      const extra = { big: 2n ** 62n, nan: Number.NaN, zero: -0, bytes: new ArrayBuffer(3) };
      const dishes = await first.mutation("chores:add", { title: "wash the dishes", extra });
      const bin = await first.mutation("chores:add", { title: "empty the bin" });
      const gone = await first.mutation("chores:add", { title: "gone" });
      await first.mutation("chores:finish", { id: bin });
      await first.mutation("chores:remove", { id: gone });
      const before = await first.query("chores:list");
      const second = openChores(disk.crash());
      const after = await second.query("chores:list");
      expect(after).toEqual(before);
      expect(after.map(({ _id }: { _id: string }) => _id)).toEqual([bin, dishes]);
      expect(await second.query("chores:search", { text: "dishes" })).toEqual([after[1]]);
    });

    it("[PER3] goes on with greater timestamps, creation times and other ids, also with a seed", async () => {
      const clock = manualClock(1_700_000_000_000);
      const disk = create();
      const first = openChores(disk.persistence, { clock, seed: "s" });
      const ids = [await first.mutation("chores:add", { title: "a" })];
      await first.mutation("chores:remove", { id: ids[0] });
      const [latest] = await commitTimes(first, "b", ids);
      // The clock of the next process is behind.
      const late = manualClock(1_600_000_000_000);
      const second = openChores(disk.crash(), { clock: late, seed: "s" });
      const [next] = await commitTimes(second, "c", ids);
      expect(next).toBeGreaterThan(latest as bigint);
      const [b, c] = await second.query("chores:list");
      expect(c._creationTime).toBeGreaterThan(b._creationTime);
      expect(new Set(ids).size).toBe(3);
    });

    it("[PER4] runs jobs that were waiting, once", async () => {
      const clock = manualClock(1_700_000_000_000);
      const disk = create();
      const first = openChores(disk.persistence, { clock });
      await first.mutation("chores:remind", { afterMs: 1000, line: "one" });
      await first.mutation("chores:remind", { afterMs: 60_000, line: "two" });
      await first.advance(2000);
      expect(await first.query("chores:lines")).toEqual(["one"]);
      const second = openChores(disk.crash(), { clock: manualClock(clock.now()) });
      await second.settle();
      expect(await second.query("chores:lines")).toEqual(["one"]);
      await second.advance(60_000);
      expect(await second.query("chores:lines")).toEqual(["one", "two"]);
      expect(await second.query("chores:jobs")).toEqual(["success", "success"]);
    });

    it("[PER4] gives up actions that were running, and does not run them again", async () => {
      const disk = create();
      const first = openChores(disk.persistence, { clock: manualClock() });
      await first.mutation("chores:startSlow");
      void first.settle();
      await untilState(first, "inProgress");
      const second = openChores(disk.crash(), { clock: manualClock() });
      await second.ready;
      expect(await second.query("chores:jobs")).toEqual(["failed"]);
    });

    it("[PER4] runs crons at the times they would have had", async () => {
      const clock = manualClock(1_700_000_000_000);
      const disk = create();
      const first = openChores(disk.persistence, { clock, withCrons: true });
      await first.advance({ minutes: 90 });
      const before = (await first.query("chores:lines")).length;
      const later = manualClock(clock.now());
      const second = openChores(disk.crash(), { clock: later, withCrons: true });
      await second.advance({ minutes: 29 });
      expect(await second.query("chores:lines")).toHaveLength(before);
      await second.advance({ minutes: 2 });
      expect(await second.query("chores:lines")).toHaveLength(before + 1);
    });

    it("[PER5] has its files under the same URLs, and drops those nobody kept a document for", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      const id = await first.action("chores:keep", { text: "hello" });
      const gone = await first.action("chores:keep", { text: "gone" });
      await first.mutation("chores:forget", { id: gone });
      const url = await first.query("chores:urlOf", { id });
      const second = openChores(disk.crash());
      expect(await second.query("chores:urlOf", { id })).toBe(url);
      expect(await (await second.fetch(url)).text()).toBe("hello");
      await second.close();
      const store = await reopened(disk).open();
      await store.files.put("left-over", once(new Uint8Array(5)));
      await store.close();
      const third = openChores(disk.crash());
      expect(await (await third.fetch(url)).text()).toBe("hello");
      await third.close();
      const last = await reopened(disk).open();
      expect([...(await last.files.ids())]).toHaveLength(1);
      await last.close();
    });

    it("[PER6] refuses data that does not fit a new schema, naming it, and loads it with the old one", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      const id = await first.mutation("chores:add", { title: "a" });
      await first.close();
      const strict = defineSchema({
        chores: defineTable({ title: v.number(), done: v.boolean() }),
      });
      const persistence = disk.crash();
      const error = thrownBy(() => openChores(persistence, { schema: strict as never }));
      expect(error.code).toBe("SchemaEnforcementError");
      expect(error.message).toContain(
        `Document with ID "${id}" in table "chores" does not match the schema: `,
      );
      expect(error.message).toContain("Path: .title");
      const again = openChores(persistence);
      expect(await again.query("chores:list")).toHaveLength(1);
    });

    it("[PER6] checks what was written while the schema checked nothing, once it does", async () => {
      const disk = create();
      const tables = { loose: defineTable({ n: v.number() }) };
      const off = defineSchema(tables, { schemaValidation: false });
      const first = createBackend({ schema: off, modules: {}, persistence: disk.persistence });
      await first.run((ctx) => ctx.db.insert("loose", { n: "text" as never }));
      await first.close();
      const persistence = disk.crash();
      const error = thrownBy(() =>
        createBackend({ schema: defineSchema(tables), modules: {}, persistence }),
      );
      expect(error).toMatchObject({ code: "SchemaEnforcementError", fields: { table: "loose" } });
    });

    it("[PER6] builds added indexes, keeps tables that are no longer listed, and their numbers", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      await first.mutation("chores:add", { title: "b" });
      const a = await first.mutation("chores:add", { title: "a" });
      await first.run((ctx: Untyped) => ctx.db.insert("unlisted", { n: 1 }));
      await first.close();
      const changed = defineSchema({
        fresh: defineTable(v.any()),
        chores: defineTable(v.any()).index("by_done_title", ["done", "title"]),
      });
      const second = createBackend({ schema: changed, modules: {}, persistence: disk.crash() });
      const seen = await second.run(async (ctx) => {
        await ctx.db.insert("fresh", { n: 1 });
        return {
          titles: (await ctx.db.query("chores").withIndex("by_done_title").collect()).map(
            ({ title }) => title,
          ),
          a: ctx.db.normalizeId("chores", a),
          unlisted: await ctx.db.query("unlisted" as never).collect(),
        };
      });
      expect(seen).toMatchObject({ titles: ["a", "b"], a, unlisted: [{ n: 1 }] });
      await second.close();
      const third = createBackend({ schema, modules: {}, persistence: reopened(disk) });
      const back = await third.run(async (ctx) => ({
        fresh: await ctx.db.query("fresh" as never).collect(),
        chores: (await ctx.db.query("chores").collect()).length,
      }));
      expect(back).toMatchObject({ fresh: [{ n: 1 }], chores: 2 });
      await third.close();
    });

    it("[PER7] a fork lives in memory and leaves the data alone", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      const kept = await first.action("chores:keep", { text: "both" });
      await first.mutation("chores:add", { title: "both" });
      const fork = first.fork();
      await fork.mutation("chores:add", { title: "fork" });
      const url = await first.query("chores:urlOf", { id: kept });
      await first.mutation("chores:forget", { id: kept });
      await first.mutation("chores:add", { title: "origin" });
      expect((await fork.query("chores:list")).map(titleOf)).toEqual(["both", "fork"]);
      expect(await (await fork.fetch(url)).text()).toBe("both");
      expect((await first.fetch(url)).status).toBe(404);
      const second = openChores(disk.crash());
      expect((await second.query("chores:list")).map(titleOf)).toEqual(["both", "origin"]);
    });

    // Read lazily, it would be named by the first call.
    if (kind.includes("lazily")) return;

    it("[PER8] a garbled row is named, and nothing is changed", async () => {
      const disk = create();
      const first = openChores(disk.persistence);
      const id = await first.mutation("chores:add", { title: "a" });
      await first.close();
      for (const text of [
        "{",
        "[]",
        `{"_id":"${id}"}`,
        '{"_id":"other","_creationTime":1}',
        `{"_id":"${id}","_creationTime":1,"a":{"$commitTs":null}}`,
        `{"_id":"${id}","_creationTime":1,"a":{"$integer":"?"}}`,
      ]) {
        const store = await reopened(disk).open();
        const table = tableKeyOf(store.meta, "chores");
        await store.write({ rows: [{ table, id, change: "update", text }], meta: [] });
        await store.close();
        const persistence = reopened(disk);
        const error = thrownBy(() => openChores(persistence));
        expect(error).toMatchObject({
          code: "PersistenceFailed",
          fields: { id, table: "chores" },
        });
        const after = await reopened(disk).open();
        expect([...after.rows(table)].flat()).toEqual([{ id, text }]);
        await after.close();
      }
    });
  });

  /** The data, after a clean close. */
  function reopened(disk: Disk): Persistence {
    return kind === "memory" ? disk.persistence : disk.crash();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: called by path, as JavaScript would
type Untyped = any;

function titleOf({ title }: { title: string }): string {
  return title;
}

/** Adds a chore and says when that was committed. */
async function commitTimes(backend: Untyped, title: string, ids: string[]): Promise<bigint[]> {
  const times: bigint[] = [];
  const stop = backend.onCommit(({ ts }: { ts: bigint }) => times.push(ts));
  ids.push(await backend.mutation("chores:add", { title }));
  stop();
  return times;
}

function thrownBy(act: () => unknown): Error & { code: string } {
  try {
    act();
  } catch (error) {
    if (isInvexError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Waits until the only job is in a state. */
function untilState(backend: Untyped, state: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = backend.subscribe("chores:jobs", {}, ([kind]: string[]) => {
      if (kind !== state) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function tableKeyOf(meta: ReadonlyMap<string, string>, name: string): number {
  const [entry] = [...meta].filter(
    ([key, text]) => key.startsWith("table/") && JSON.parse(text).name === name,
  );
  return Number(entry?.[0].slice("table/".length));
}
