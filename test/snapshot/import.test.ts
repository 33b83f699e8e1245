/** Archives in the exporter's layout, made by hand: what is read of them, into which tables. */
import type { Backend } from "invex";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import {
  createSnapshotLab,
  documentsOf,
  failureOf,
  idOf,
  importFiles,
  store,
  textOf,
} from "./snapshot-lab";
import { zipOf } from "./zip";

const uniform = '"uniform"\n';
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** The number in the ids of a table, as a document inserted now gets it. */
async function numberOf(backend: Backend, table: string): Promise<number> {
  const { tryTableNumber } = await import("../../src/values/id");
  const id = await backend.run(({ db }) => db.insert(table, {}));
  await backend.run(({ db }) => db.delete(id));
  return tryTableNumber(id)!;
}

function lab(...tables: string[]): Backend {
  const listed = Object.fromEntries(tables.map((table) => [table, defineTable(v.any())]));
  return createSnapshotLab({ schema: defineSchema(listed) as never });
}

describe("what is read of an archive", () => {
  it("[SNAP3][SNAP4] reads documents as Convex writes them", async () => {
    const backend = lab("things");
    const _id = idOf(10_001, 7);
    await importFiles(backend, {
      "README.md": "text",
      "_tables/documents.jsonl": lines({ name: "things", id: 10_001 }),
      "things/documents.jsonl": `{"_creationTime":1700000000000.25,"_id":"${_id}","b":{"$bytes":"AQI="},"f":1.0,"i":1,"nan":{"$float":"AAAAAAAA+H8="},"s":"é\\u0000"}\n`,
      "things/generated_schema.jsonl": uniform,
    });
    expect((await documentsOf(backend, ["things"])).things).toStrictEqual([
      {
        _creationTime: 1700000000000.25,
        _id,
        b: new Uint8Array([1, 2]).buffer,
        f: 1,
        i: 1n,
        nan: Number.NaN,
        s: "é\u0000",
      },
    ]);
  });

  it("[SNAP5] takes every number for a float where nothing says uniform", async () => {
    const backend = lab("things");
    await importFiles(backend, { "things/documents.jsonl": '{"a":1,"b":[2,2.5]}' });
    expect((await documentsOf(backend, ["things"])).things).toMatchObject([{ a: 1, b: [2, 2.5] }]);
    const bytes = importFiles(lab("things"), {
      "things/documents.jsonl": '{"a":1}\n{"a":{"$bytes":"AQI="}}',
    });
    expect(await failureOf(bytes)).toMatchObject({
      message:
        "Hit an error while importing:\nRow 2 wasn't a valid Convex value: Field name $bytes starts with '$', which is reserved. (file things/documents.jsonl, line 2)",
    });
  });

  it("[SNAP5] refuses the encoding of old exports instead of guessing", async () => {
    const backend = lab("things");
    const old = importFiles(backend, {
      "things/documents.jsonl": '{"a":"1"}',
      "things/generated_schema.jsonl": '"{\\"a\\": int64}"\n',
    });
    expect(await failureOf(old)).toMatchObject({
      code: "ImportFailed",
      message: expect.stringContaining("the encoding of old exports"),
      fields: { file: "things/generated_schema.jsonl", line: 1 },
    });
  });

  it("[SNAP6] looks past folders around the tables, and past what is no table", async () => {
    const backend = lab("things");
    const report = await importFiles(backend, {
      "snapshot_1700/inner/README.md": "text",
      "snapshot_1700/inner/things/documents.jsonl": '{"a":1}',
      "snapshot_1700/inner/things/generated_schema.jsonl": uniform,
      "snapshot_1700/inner/_scheduled_functions/documents.jsonl": "not read",
      "snapshot_1700/inner/things/other.txt": "not read",
      "documents.jsonl": "not read",
      "__MACOSX/things/._documents.jsonl": "not read",
    });
    expect(report.tables).toEqual([{ component: "", table: "things", documents: 1 }]);
    expect((await documentsOf(backend, ["things"])).things).toMatchObject([{ a: 1n }]);
  });

  it("[SNAP6] follows folders of components, nested ones too", async () => {
    const component = { modules: {}, schema: defineSchema({ items: defineTable(v.any()) }) };
    const components = { shop: { ...component, components: { till: component } } };
    const backend = createSnapshotLab({ components });
    const report = await importFiles(backend, {
      "x/_components/shop/items/documents.jsonl": '{"a":1}',
      "x/_components/shop/_components/till/items/documents.jsonl": '{"a":2}\n{"a":3}',
    });
    expect(report.tables).toEqual([
      { component: "shop", table: "items", documents: 1 },
      { component: "shop/till", table: "items", documents: 2 },
    ]);
    const into = await importFiles(
      backend,
      { "_components/till/items/documents.jsonl": '{"a":4}' },
      { component: "shop", mode: "append" },
    );
    expect(into.tables).toEqual([{ component: "shop/till", table: "items", documents: 1 }]);
    const text = await textOf(backend.exportTable("items", { component: "shop/till" }));
    expect(text.trim().split("\n")).toHaveLength(3);
  });

  it("[SNAP7] reads stored and deflated files, sizes after the data, ZIP64 fields", async () => {
    const content = `${'{"a":"x"}\n'.repeat(500)}`;
    for (const method of ["store", "deflate"] as const) {
      for (const descriptor of [true, false, "short"] as const) {
        for (const zip64 of [true, false]) {
          const backend = lab("things");
          const path = "things/documents.jsonl";
          const zip = zipOf([{ path, content, method, descriptor, zip64 }]);
          const { tables } = await backend.importSnapshot(zip);
          expect(tables).toEqual([{ component: "", table: "things", documents: 500 }]);
          await backend.close();
        }
      }
    }
  });

  it("[SNAP20] keeps ids and creation times that are given, and makes the others", async () => {
    const backend = lab("things");
    const _id = idOf(10_001, 1);
    await importFiles(backend, {
      "things/documents.jsonl": lines({ _id, a: 1 }, { _creationTime: 5.5, a: 2 }, { a: 3 }),
    });
    const things = (await documentsOf(backend, ["things"])).things as {
      _id: string;
      _creationTime: number;
      a: number;
    }[];
    const byA = new Map(things.map((each) => [each.a, each]));
    expect(byA.get(1)?._id).toBe(_id);
    expect(byA.get(2)?._creationTime).toBe(5.5);
    expect(byA.get(3)?._creationTime).toBeGreaterThan(byA.get(1)!._creationTime);
    expect(new Set(things.map((each) => each._id)).size).toBe(3);
    expect(things.map(({ a }) => a)).toEqual([2, 1, 3]);
  });
});

describe("the numbers of tables", () => {
  it("[SNAP12] come from _tables, else the first row, else stay, else are fresh", async () => {
    const backend = lab("a", "b", "c");
    await importFiles(backend, {
      "_tables/documents.jsonl": lines({ name: "a", id: 20_000 }, { name: "unseen", id: 20_001 }),
      "a/documents.jsonl": lines({ x: 1 }),
      "b/documents.jsonl": lines({ _id: idOf(30_000), x: 1 }, { x: 2 }),
      "c/documents.jsonl": lines({ x: 1 }),
      "d/documents.jsonl": "",
    });
    expect(await numberOf(backend, "a")).toBe(20_000);
    expect(await numberOf(backend, "b")).toBe(30_000);
    expect(await numberOf(backend, "c")).toBe(10_003);
    expect(await numberOf(backend, "d")).toBe(10_004);
    expect(await numberOf(backend, "e")).toBe(10_005);
  });

  it("[SNAP12] may be exchanged between tables", async () => {
    const backend = lab("a", "b");
    await importFiles(backend, {
      "_tables/documents.jsonl": lines({ name: "a", id: 10_002 }, { name: "b", id: 10_001 }),
      "a/documents.jsonl": lines({ _id: idOf(10_002), to: idOf(10_001) }),
      "b/documents.jsonl": lines({ _id: idOf(10_001) }),
    });
    const found = await backend.run(({ db }) => db.get(idOf(10_001) as never));
    expect(found).toMatchObject({ _id: idOf(10_001) });
    expect(await numberOf(backend, "a")).toBe(10_002);
    expect(await numberOf(backend, "b")).toBe(10_001);
  });

  it("[SNAP13] of an empty table outside of the import give way", async () => {
    const backend = lab("a", "b");
    await importFiles(backend, { "b/documents.jsonl": lines({ _id: idOf(10_001) }) });
    expect(await numberOf(backend, "b")).toBe(10_001);
    expect(await numberOf(backend, "a")).toBe(10_003);
  });

  it("[SNAP13] of a table without ids in the import give way too", async () => {
    const backend = lab("a", "b");
    await importFiles(backend, {
      "a/documents.jsonl": lines({ x: 1 }),
      "b/documents.jsonl": lines({ _id: idOf(10_001) }),
    });
    expect(await numberOf(backend, "b")).toBe(10_001);
    expect(await numberOf(backend, "a")).toBe(10_003);
  });

  it("[SNAP13] conflict where both tables have documents", async () => {
    const backend = lab("a", "b");
    await backend.run(({ db }) => db.insert("a", {}));
    const before = await documentsOf(backend, ["a", "b"]);
    const failure = await failureOf(
      importFiles(backend, { "b/documents.jsonl": lines({ _id: idOf(10_001) }) }),
    );
    expect(failure).toMatchObject({
      code: "ImportFailed",
      message:
        "Hit an error while importing:\nconflict between tables b and a: both have table number 10001",
    });
    expect(await documentsOf(backend, ["a", "b"])).toEqual(before);
  });

  it("[SNAP13] conflict where two tables of the import claim one, or the engine has it", async () => {
    const twice = importFiles(lab("a"), {
      "_tables/documents.jsonl": lines({ name: "a", id: 10_009 }, { name: "b", id: 10_009 }),
      "a/documents.jsonl": "",
      "b/documents.jsonl": "",
    });
    expect((await failureOf(twice)).message).toContain(
      "conflict between tables a and b: both have table number 10009",
    );
    const system = importFiles(lab("a"), { "a/documents.jsonl": lines({ _id: idOf(515) }) });
    expect((await failureOf(system)).message).toContain("conflict between tables a and ");
  });

  it("[SNAP13] conflict where rows of one table have several", async () => {
    const rows = lines({ _id: idOf(10_001, 1) }, { _id: idOf(10_002, 2) });
    const failure = await failureOf(importFiles(lab("a"), { "a/documents.jsonl": rows }));
    expect(failure.message).toBe(
      `Hit an error while importing:\nRow 2: conflict between ids: "${idOf(10_002, 2)}" has table number 10002, and table a has 10001 (file a/documents.jsonl, line 2, field _id)`,
    );
  });
});

describe("the modes", () => {
  const rows = (...numbers: number[]) =>
    lines(...numbers.map((n) => ({ _id: idOf(10_001, n), _creationTime: n, n })));
  const seen = async (backend: Backend, table = "a") =>
    ((await documentsOf(backend, [table]))[table] as { n: number }[]).map(({ n }) => n);

  async function withRows(...numbers: number[]): Promise<Backend> {
    const backend = lab("a", "b");
    await importFiles(backend, { "a/documents.jsonl": rows(...numbers) });
    await backend.run(({ db }) => db.insert("b", { n: 100 }));
    return backend;
  }

  it("[SNAP8] requireEmpty refuses tables with documents, and only those", async () => {
    const backend = await withRows(1);
    const failure = await failureOf(importFiles(backend, { "a/documents.jsonl": rows(2) }));
    expect(failure.message).toBe(
      "Hit an error while importing:\nTable a already exists. Please choose a new table name or use replace/append modes. (file a/documents.jsonl)",
    );
    await importFiles(backend, { "c/documents.jsonl": lines({ n: 3 }) });
    expect([await seen(backend), await seen(backend, "c")]).toEqual([[1], [3]]);
  });

  it("[SNAP8] requireEmpty counts files as a table", async () => {
    const backend = createSnapshotLab();
    await store(backend, "text");
    const other = createSnapshotLab({ seed: "other" });
    await store(other, "text");
    const failure = await failureOf(backend.importSnapshot(other.exportSnapshot()));
    expect(failure.message).toContain("Table _storage already exists.");
  });

  it("[SNAP9] append keeps what is there and refuses an id twice", async () => {
    const backend = await withRows(1);
    await importFiles(backend, { "a/documents.jsonl": rows(2, 3) }, { mode: "append" });
    expect(await seen(backend)).toEqual([1, 2, 3]);
    const again = importFiles(backend, { "a/documents.jsonl": rows(4, 1) }, { mode: "append" });
    expect(await failureOf(again)).toMatchObject({
      message: expect.stringContaining(`Row 2: there is a document ${idOf(10_001, 1)} already`),
      fields: { line: 2, field: "_id" },
    });
    const foreign = lines({ _id: idOf(10_077) });
    const other = importFiles(backend, { "a/documents.jsonl": foreign }, { mode: "append" });
    expect((await failureOf(other)).message).toContain("conflict between the ids of table a");
    expect(await seen(backend)).toEqual([1, 2, 3]);
  });

  it("[SNAP10] replace exchanges documents of its tables only", async () => {
    const backend = await withRows(1, 2);
    await importFiles(backend, { "a/documents.jsonl": rows(2, 3) }, { mode: "replace" });
    expect([await seen(backend), await seen(backend, "b")]).toEqual([[2, 3], [100]]);
    const renumbered = lines({ _id: idOf(10_050), n: 9 });
    await importFiles(backend, { "a/documents.jsonl": renumbered }, { mode: "replace" });
    expect([await seen(backend), await seen(backend, "b")]).toEqual([[9], [100]]);
    expect(await backend.run(({ db }) => db.get(idOf(10_001, 2) as never))).toBeNull();
  });

  it("[SNAP10] replace touches only documents that differ", async () => {
    const backend = await withRows(1, 2);
    const changed: unknown[] = [];
    backend.onCommit(({ changes }) =>
      changed.push(...changes.map(({ before, after }) => [before?.n, after?.n])),
    );
    const { ts } = await importFiles(
      backend,
      {
        "a/documents.jsonl": lines(
          { _id: idOf(10_001, 1), _creationTime: 1, n: 1 },
          { _id: idOf(10_001, 2), _creationTime: 2, n: 5 },
        ),
      },
      { mode: "replace" },
    );
    expect(changed).toEqual([[2, 5]]);
    const again = await importFiles(backend, { "b/documents.jsonl": "" }, { mode: "append" });
    expect(again.ts).toBe(ts);
    expect(changed).toHaveLength(1);
  });

  it("[SNAP11] replaceAll clears the other tables, listed or not, and frees their numbers", async () => {
    const backend = await withRows(1);
    const unlisted = await backend.run(({ db }) => db.insert("c", { n: 7 }));
    await importFiles(
      backend,
      { "a/documents.jsonl": lines({ _id: idOf(10_002, 5), n: 5 }) },
      { mode: "replaceAll" },
    );
    const tables = [await seen(backend), await seen(backend, "b"), await seen(backend, "c")];
    expect(tables).toEqual([[5], [], []]);
    expect(await backend.run(({ db }) => db.get(unlisted))).toBeNull();
    expect(await numberOf(backend, "b")).not.toBe(10_002);
  });

  it("[SNAP11] replaceAll reaches components, and leaves files alone that it has none for", async () => {
    const component = { modules: {}, schema: defineSchema({ items: defineTable(v.any()) }) };
    const backend = createSnapshotLab({ components: { shop: component, bank: component } });
    for (const path of ["shop", "bank"]) {
      await backend.importTable("items", new Blob(['{"a":1}']), { component: path });
    }
    await store(backend, "kept");
    await importFiles(
      backend,
      { "_tables/documents.jsonl": "" },
      { component: "shop", mode: "replaceAll" },
    );
    const items = (path: string) => textOf(backend.exportTable("items", { component: path }));
    expect(await items("shop")).toBe("");
    expect(await items("bank")).toContain('"a":1.0');
    await importFiles(backend, { "_tables/documents.jsonl": "" }, { mode: "replaceAll" });
    expect(await items("bank")).toBe("");
    expect((await documentsOf(backend, ["_storage"]))._storage).toHaveLength(1);
  });
});
