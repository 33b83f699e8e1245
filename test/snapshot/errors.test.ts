/** What is wrong with an import, and how it is told. Nothing has changed then, ever. */
import { describe, expect, it } from "vitest";
import {
  blobOf,
  bytesOf,
  createSnapshotLab,
  documentsOf,
  failureOf,
  idOf,
  importFiles,
  textOf,
} from "./snapshot-lab";

const file = "things/documents.jsonl";

/** The message of a failed import of `things`, without its beginning. */
async function told(text: string, mark?: string): Promise<string> {
  const backend = createSnapshotLab();
  const marks = mark === undefined ? {} : { "things/generated_schema.jsonl": mark };
  const { message, code } = await failureOf(importFiles(backend, { [file]: text, ...marks }));
  expect(code).toBe("ImportFailed");
  expect(message.startsWith("Hit an error while importing:\n")).toBe(true);
  expect((await documentsOf(backend)).things).toEqual([]);
  return message.replace("Hit an error while importing:\n", "");
}

describe("errors of rows", () => {
  it("[SNAP19] name JSON that is none, blank lines among it", async () => {
    expect(await told('{"a":1}\n{"a":')).toMatch(
      /^Row 2 wasn't valid JSON: .+ \(file things\/documents\.jsonl, line 2\)$/,
    );
    expect(await told('{"a":1}\n\n{"a":2}\n')).toMatch(/^Row 2 wasn't valid JSON: /);
    expect(await told('{"a":1}{"a":2}')).toMatch(/^Row 1 wasn't valid JSON: /);
    expect(await told('{"a":01}', '"uniform"')).toMatch(/^Row 1 wasn't valid JSON: /);
    expect(await told(`{"a":${"[".repeat(50_000)}`)).toMatch(/^Row 1 wasn't /);
  });

  it("[SNAP19] name rows that are no objects and values that are none", async () => {
    expect(await told("[]")).toBe(`Row 1 wasn't an object (file ${file}, line 1)`);
    expect(await told("null")).toMatch(/^Row 1 wasn't an object/);
    expect(await told('{"a":1}\n5', '"uniform"')).toMatch(/^Row 2 wasn't an object/);
    expect(await told('{"a":1e999}')).toMatch(/^Row 1 wasn't a valid Convex value: number out of/);
    expect(await told('{"ä":1}')).toMatch(/^Row 1 wasn't a valid Convex value: Field name ä has/);
    expect(await told('{"a":{"$bytes":"!"}}', '"uniform"')).toMatch(
      /^Row 1 wasn't a valid Convex value: /,
    );
    expect(await told('{"a":"\\ud800"}')).toMatch(
      /^Row 1 wasn't a valid document of table things: /,
    );
    expect(await told('{"_a":1}')).toMatch(/starts with an underscore/);
    expect(await told(`{"a":"${"x".repeat(1_100_000)}"}`)).toMatch(/Value is too large/);
  });

  it("[SNAP19] name system fields that are wrong", async () => {
    expect(await told('{"_id":5}')).toBe(
      `Row 1 wasn't a valid Convex value: expected a string (file ${file}, line 1, field _id)`,
    );
    expect(await told('{"_id":"nonsense"}')).toBe(
      `Row 1: "nonsense" is not an id (file ${file}, line 1, field _id)`,
    );
    for (const time of ['"x"', "0", "-1", "1e300", "null"]) {
      expect(await told(`{"_creationTime":${time}}`)).toMatch(/line 1, field _creationTime\)$/);
    }
    expect(await told('{"_creationTime":5}', '"uniform"')).toContain("expected a float");
    const _id = idOf(10_003, 1);
    expect(await told(`{"_id":"${_id}"}\n{"_id":"${_id}"}`)).toBe(
      `Row 2: there is a document ${_id} already (file ${file}, line 2, field _id)`,
    );
  });

  it("[SNAP19] name text that is no UTF-8, has a BOM, or lines without end", async () => {
    expect(await told("\ufeff{}")).toBe(
      `UTF-8 BOM is not supported. Please save your file without BOM. (file ${file})`,
    );
    const backend = createSnapshotLab();
    const latin = importFiles(backend, { [file]: new Uint8Array([0x22, 0xe9, 0x22]) });
    expect((await failureOf(latin)).message).toContain("The text is not valid UTF-8.");
    expect(await told(`{"a":"${"x".repeat(17_000_000)}"}`)).toMatch(
      /^Row 1 is longer than any document can be/,
    );
  });

  it("[SNAP18] name documents that do not match the schema, and bring nothing then", async () => {
    const backend = createSnapshotLab();
    const failure = await failureOf(
      importFiles(backend, {
        "things/documents.jsonl": '{"fine":1}',
        "users/documents.jsonl": '{"name":"Ada"}\n{"name":5}',
        "unlisted/documents.jsonl": '{"fine":1}',
      }),
    );
    expect(failure.message).toMatch(
      /^Hit an error while importing:\nRow 2 wasn't a valid document of table users: .*does not match the schema: [\s\S]*v\.string\(\)[\s\S]* \(file users\/documents\.jsonl, line 2\)$/,
    );
    expect(failure.fields).toEqual({ file: "users/documents.jsonl", line: 2 });
    const tables = await documentsOf(backend, ["users", "things", "unlisted"]);
    expect(tables).toEqual({ users: [], things: [], unlisted: [] });
    expect(await backend.run(({ db }) => db.normalizeId("unlisted", idOf(10_004)))).toBeNull();
  });

  it("[SNAP18] check ids against the tables as they will be", async () => {
    const backend = createSnapshotLab();
    const users = `{"_id":"${idOf(10_002, 1)}","name":"Ada"}`;
    const posts = (user: string) => `{"_id":"${idOf(10_001)}","by":"${user}","text":"x"}`;
    const wrong = importFiles(backend, {
      "users/documents.jsonl": users,
      "posts/documents.jsonl": posts(idOf(10_001, 1)),
    });
    expect((await failureOf(wrong)).message).toContain('v.id("users")');
    await importFiles(backend, {
      "users/documents.jsonl": users,
      "posts/documents.jsonl": posts(idOf(10_002, 1)),
    });
    expect((await documentsOf(backend)).posts).toHaveLength(1);
  });
});

describe("errors of archives", () => {
  const fails = async (files: Record<string, string>) =>
    (await failureOf(importFiles(createSnapshotLab(), files))).message;

  it("[SNAP19] name tables that cannot be", async () => {
    expect(await fails({ "a-b/documents.jsonl": "" })).toContain(
      "Identifier a-b has invalid character",
    );
    expect(await fails({ "_components/shop/items/documents.jsonl": "" })).toContain(
      'There is no component "shop" in this backend.',
    );
    expect(await fails({ "readme.txt": "x" })).toContain("The archive has no tables");
    expect(
      await fails({ "a/things/documents.jsonl": "", "b/things/documents.jsonl": "" }),
    ).toContain(
      "a/things/documents.jsonl and b/things/documents.jsonl are the same file of the import",
    );
  });

  it("[SNAP19] name what is wrong with the list of tables", async () => {
    const list = (text: string) => fails({ "_tables/documents.jsonl": text });
    expect(await list("x")).toContain("Row 1 wasn't valid JSON");
    expect(await list('{"name":"a","id":0}')).toContain("line 1, field id)");
    expect(await list('{"name":"a","id":1.5}')).toContain("field id)");
    expect(await list('{"name":"a","id":4294967296}')).toContain("field id)");
    expect(await list('{"name":5,"id":1}')).toContain("field name)");
    expect(await list('{"name":"a","id":1}\n{"name":"a","id":2}')).toContain("listed twice");
  });
});

describe("options and sources", () => {
  it("[SNAP29] takes bytes in any form", async () => {
    const bytes = await bytesOf(createSnapshotLab().exportSnapshot());
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    const padded = new Uint8Array(bytes.length + 10);
    padded.set(bytes, 5);
    const sources = [
      bytes,
      padded.subarray(5, 5 + bytes.length),
      bytes.buffer,
      new Blob([bytes]),
      new Blob([bytes]).stream(),
      chunks(),
    ];
    for (const source of sources) {
      const { tables } = await createSnapshotLab().importSnapshot(source);
      expect(tables.map(({ table }) => table)).toContain("users");
    }
  });

  it("[SNAP29] names wrong options and sources", async () => {
    const backend = createSnapshotLab() as unknown as Record<string, (...args: unknown[]) => never>;
    for (const source of ["text", null, undefined, 5, {}, [1]]) {
      expect(await failureOf(backend.importSnapshot!(source))).toMatchObject({
        code: "OptionsInvalid",
        message: expect.stringContaining("importSnapshot: its source must be bytes"),
      });
    }
    const zip = new Uint8Array();
    const wrong: [string, unknown][] = [
      ["mode", { mode: "merge" }],
      ["component", { component: 5 }],
      ["onProgress", { onProgress: true }],
      ["", { extra: 1 }],
    ];
    for (const [option, options] of wrong) {
      expect(await failureOf(backend.importSnapshot!(zip, options))).toMatchObject({
        code: "OptionsInvalid",
        fields: { option },
      });
    }
    expect(() => backend.exportSnapshot!({ includeFileStorage: "yes" })).toThrow(
      "includeFileStorage",
    );
    expect(() => backend.exportTable!("things", { format: "csv" })).toThrow("option `format`");
    const all = backend.importTable!("things", blobOf(""), { mode: "replaceAll" });
    expect((await failureOf(all)).message).toContain("importTable: option `mode`");
  });

  it("[SNAP29] names components and tables that are not there", async () => {
    const backend = createSnapshotLab();
    const zip = await bytesOf(backend.exportSnapshot());
    const nowhere = backend.importSnapshot(zip, { component: "shop" });
    expect((await failureOf(nowhere)).message).toContain('There is no component "shop"');
    const table = await failureOf(textOf(backend.exportTable("nothing")));
    expect(table).toMatchObject({ code: "ExportFailed" });
    expect(table.message).toContain("There is no table nothing.");
    const system = await failureOf(backend.importTable("_storage", blobOf("{}")));
    expect(system.message).toContain("Table _storage is a system table");
    const name = await failureOf(backend.importTable("a b", blobOf("{}")));
    expect(name.message).toContain("Identifier a b has invalid character");
  });

  it("[SNAP29] is refused by a closed backend", async () => {
    const backend = createSnapshotLab();
    await backend.close();
    expect(await failureOf(backend.importSnapshot(new Uint8Array()))).toMatchObject({
      code: "BackendClosed",
    });
    expect(() => backend.exportSnapshot()).toThrow("has been closed");
  });
});
