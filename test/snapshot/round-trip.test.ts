/** Export here, import there: the same. And the archive as others see it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createBackend } from "invex";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { afterAll, describe, expect, it } from "vitest";
import { valuesEqual } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { value } from "../values/arbitrary";
import {
  bytesOf,
  createSnapshotLab,
  documentsOf,
  filesOf,
  idOf,
  importFiles,
  schema,
  store,
  textOf,
} from "./snapshot-lab";

const folder = mkdtempSync(join(tmpdir(), "invex-snapshot-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of the machine's; skipped where the machine has none. */
function has(program: string): boolean {
  try {
    execFileSync(program, [program === "unzip" ? "-v" : "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function filled() {
  const backend = createSnapshotLab();
  const file = await store(backend, "some text", "text/plain; charset=utf-8");
  await store(backend, "no type");
  await backend.run(async ({ db }) => {
    const ada = await db.insert("users", { name: "Ada" });
    const bob = await db.insert("users", { name: "Bob ✓", friend: ada });
    await db.insert("posts", { by: bob, text: "hello", file, vector: [1, 0] });
    await db.insert("things", { n: 1n, f: [1, -0, Number.NaN], b: new Uint8Array([7]).buffer });
    for (let i = 0; i < 9; i++) await db.insert("things", { i });
  });
  return backend;
}

describe("an export", () => {
  it("[SNAP1] has the layout of Convex's, smallest table first, files last", async () => {
    const backend = await filled();
    const entries = await listOf(backend.exportSnapshot());
    const files = await filesOf(backend);
    expect(entries.map(({ path: name }) => name)).toEqual([
      "README.md",
      "_tables/documents.jsonl",
      ...["posts", "users", "things"].flatMap((table) => [
        `${table}/documents.jsonl`,
        `${table}/generated_schema.jsonl`,
      ]),
      "_storage/documents.jsonl",
      ...files.map(({ id, type }) => `_storage/${id}${type === "" ? "" : ".txt"}`).sort(),
    ]);
    const text = (name: string) => entries.find((entry) => entry.path === name)!.text;
    expect(
      text("_tables/documents.jsonl")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { name: "users", id: 10001 },
      { name: "posts", id: 10002 },
      { name: "things", id: 10003 },
      { name: "_storage", id: 514 },
    ]);
    expect(text("users/generated_schema.jsonl")).toBe('"uniform"\n');
    const ids = text("things/documents.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)._id);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toHaveLength(10);
    const [row] = text("_storage/documents.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(Object.keys(row)).toEqual(
      expect.arrayContaining(["_id", "_creationTime", "sha256", "size", "internalId"]),
    );
  });

  it("[SNAP1] leaves files out when asked to", async () => {
    const backend = await filled();
    const paths = (await listOf(backend.exportSnapshot({ includeFileStorage: false }))).map(
      ({ path }) => path,
    );
    expect(paths.filter((path) => path.startsWith("_storage"))).toEqual([]);
  });

  it.skipIf(!has("unzip"))("[SNAP2] is sound to unzip (skipped without that program)", async () => {
    const path = join(folder, "unzip.zip");
    writeFileSync(path, await bytesOf((await filled()).exportSnapshot()));
    expect(String(execFileSync("unzip", ["-t", path]))).toContain("No errors detected");
  });

  it.skipIf(!has("python3"))(
    "[SNAP2] reads the same in Python's zipfile (skipped without python3)",
    async () => {
      const backend = await filled();
      const path = join(folder, "python.zip");
      writeFileSync(path, await bytesOf(backend.exportSnapshot()));
      const script =
        "import sys,zipfile,json\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
        "print(json.dumps({i.filename:[z.read(i).decode('latin1'),oct(i.external_attr>>16)] for i in z.infolist()}))";
      const seen: Record<string, [string, string]> = JSON.parse(
        String(execFileSync("python3", ["-c", script, path])),
      );
      for (const { path: name, text } of await listOf(backend.exportSnapshot())) {
        expect(Buffer.from(seen[name]![0], "latin1").toString()).toBe(text);
        expect(seen[name]![1]).toBe("0o100644");
      }
    },
  );
});

describe("export and import", () => {
  it("[SNAP4] bring documents, ids, times, numbers and files over as they were", async () => {
    const from = await filled();
    const to = createSnapshotLab({ seed: "another" });
    await to.importSnapshot(from.exportSnapshot());
    expect(await documentsOf(to)).toStrictEqual(await documentsOf(from));
    const files = await filesOf(to);
    expect(files).toEqual(await filesOf(from));
    expect(files.map(({ bytes }) => String.fromCharCode(...bytes)).sort()).toEqual([
      "no type",
      "some text",
    ]);
    for (const { url, bytes } of files) {
      const response = await to.fetch(url!);
      expect([...new Uint8Array(await response.arrayBuffer())]).toEqual(bytes);
    }
    expect(Buffer.compare(await tablesOnly(from), await tablesOnly(to))).toBe(0);
  });

  it("[SNAP4] go on with ids and numbers that are free", async () => {
    const from = await filled();
    const to = createSnapshotLab({ seed: "another" });
    await to.importSnapshot(from.exportSnapshot());
    const id = await to.run(({ db }) => db.insert("users", { name: "new" }));
    const made = await to.run(({ db }) => db.insert("unlisted", { a: 1 }));
    expect(id.slice(0, 2)).toBe(idOf(10001).slice(0, 2));
    expect(made.slice(0, 2)).toBe(idOf(10004).slice(0, 2));
    expect((await documentsOf(to)).users).toHaveLength(3);
  });

  it("[SNAP3][SNAP4] keep any documents, table by table and over the numbers of others", async () => {
    const seed = Number(process.env.FUZZ_SEED ?? 1);
    const tables = fc.array(
      fc.dictionary(fc.constantFrom("a", "b", "C", "z9"), value, { maxKeys: 4 }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(tables, tables, fc.boolean(), async (things, others, isReordered) => {
        const from = bare(["things", "others"]);
        await from.run(async ({ db }) => {
          for (const each of things) await db.insert("things", each as never);
          for (const each of others) await db.insert("others", each as never);
        });
        const to = bare(isReordered ? ["empty", "others", "things"] : []);
        await to.importSnapshot(from.exportSnapshot());
        const names = ["things", "others"];
        const expected = (await documentsOf(from, names)) as Value;
        expect(valuesEqual((await documentsOf(to, names)) as Value, expected)).toBe(true);
        const back = bare(names);
        await back.importSnapshot(to.exportSnapshot());
        expect(valuesEqual((await documentsOf(back, names)) as Value, expected)).toBe(true);
        await Promise.all([from.close(), to.close(), back.close()]);
      }),
      { seed, numRuns: Number(process.env.FUZZ_RUNS ?? 50) },
    );
  });

  it("[SNAP4] work where the schema is loaded later, and on a fork", async () => {
    const late = createBackend({ modules: { "./schema.ts": async () => ({ default: schema }) } });
    const text = '{"name":"Ada"}\n';
    await late.importTable("users", new Blob([text]));
    expect(await textOf(late.exportTable("users"))).toContain("Ada");
    const fork = late.fork();
    await importFiles(fork as never, { "users/documents.jsonl": text }, { mode: "append" });
    expect((await documentsOf(fork as never)).users).toHaveLength(2);
    expect((await documentsOf(late as never)).users).toHaveLength(1);
  });

  it("[SNAP4] carry components", async () => {
    const component = { modules: {}, schema: defineSchema({ items: defineTable(v.any()) }) };
    const components = { shop: { ...component, components: { till: component } } };
    const from = createSnapshotLab({ components });
    await from.importTable("items", new Blob(['{"a":1}']), { component: "shop" });
    await from.importTable("items", new Blob(['{"b":2}']), { component: "shop/till" });
    const paths = (await listOf(from.exportSnapshot())).map(({ path }) => path);
    expect(paths).toContain("_components/shop/_components/till/items/documents.jsonl");
    expect(paths).toContain("_components/shop/_tables/documents.jsonl");
    const to = createSnapshotLab({ components, seed: "other" });
    await to.importSnapshot(from.exportSnapshot());
    for (const path of ["shop", "shop/till"]) {
      const text = await textOf(from.exportTable("items", { component: path }));
      expect(text).not.toBe("");
      expect(await textOf(to.exportTable("items", { component: path }))).toBe(text);
    }
  });
});

function bare(tables: string[]) {
  const listed = Object.fromEntries(tables.map((table) => [table, defineTable(v.any())]));
  return createSnapshotLab({ schema: defineSchema(listed) as never, seed: tables.join() });
}

/** The archive without what names the day of its making. */
async function tablesOnly(backend: ReturnType<typeof createSnapshotLab>): Promise<Buffer> {
  const entries = await listOf(backend.exportSnapshot());
  return Buffer.from(JSON.stringify(entries));
}

async function listOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const { openArchive } = await import("../../src/snapshot/archive-reader");
  const entries = await openArchive(new Blob([await bytesOf(stream)]));
  const listed: { path: string; text: string }[] = [];
  for (const { path, chunks } of entries) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks()) parts.push(chunk);
    listed.push({ path, text: Buffer.concat(parts).toString() });
  }
  return listed;
}
