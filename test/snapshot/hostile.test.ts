/** Archives that are broken, or made to break something. */
import fc from "fast-check";
import type { Backend } from "invex";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  createSnapshotLab,
  documentsOf,
  failureOf,
  filesOf,
  idOf,
  store,
} from "./snapshot-lab";
import { type ZipFile, zipOf } from "./zip";

const path = "things/documents.jsonl";

async function refused(zip: Uint8Array<ArrayBuffer>): Promise<string> {
  const backend = createSnapshotLab();
  const { code, message } = await failureOf(backend.importSnapshot(zip));
  expect(code).toBe("ImportFailed");
  expect(message.startsWith("Hit an error while importing:\n")).toBe(true);
  expect((await documentsOf(backend)).things).toEqual([]);
  expect(await filesOf(backend)).toEqual([]);
  return message;
}

const lying = (lie: Partial<ZipFile>) => {
  const content = '{"a":"some content"}\n'.repeat(20);
  return zipOf([{ path, content, ...lie }]);
};

describe("an archive", () => {
  it("[SNAP23] that is none", async () => {
    for (const bytes of [0, 1, 21, 22, 5000]) {
      expect(await refused(new Uint8Array(bytes))).toContain("not a ZIP archive");
    }
    expect(await refused(new TextEncoder().encode('{"a":1}'))).toContain("not a ZIP archive");
  });

  it("[SNAP23] that is cut short anywhere", async () => {
    const zip = lying({});
    for (let length = 0; length < zip.length; length += 7) await refused(zip.slice(0, length));
  });

  it("[SNAP23] with a wrong checksum", async () => {
    for (const method of ["store", "deflate"] as const) {
      const message = await refused(lying({ method, crc: 12345 }));
      expect(message).toContain("The archive is damaged");
      expect(message).toContain(`file ${path}`);
    }
  });

  it("[SNAP23] whose sizes are lies, in any direction", async () => {
    for (const size of [0, 1, 419, 421, 2 ** 31, 2 ** 32 - 2]) await refused(lying({ size }));
    for (const compressedSize of [0, 1, 10, 5000, 2 ** 32 - 2]) {
      await refused(lying({ compressedSize }));
    }
    const huge = 2 ** 52;
    for (const zip64 of [{ size: huge }, { compressedSize: huge }]) {
      await refused(lying({ zip64: true, ...zip64 }));
    }
  });

  it("[SNAP23] that unpacks to more than it says stops there", async () => {
    const content = "\n".repeat(10_000_000);
    const bomb = zipOf([{ path: `_storage/${idOf(540)}`, content, size: 100 }]);
    expect(bomb.length).toBeLessThan(20_000);
    expect(await refused(bomb)).toContain("The archive is damaged");
    expect(await refused(zipOf([{ path, content: `"${"x".repeat(18_000_000)}"` }]))).toContain(
      "longer than any document",
    );
  });

  it("[SNAP23] that is encrypted, as far as its tables are", async () => {
    expect(await refused(lying({ isEncrypted: true }))).toContain("encrypted");
  });

  it("[SNAP23] with a path twice", async () => {
    const twice = zipOf([
      { path, content: '{"a":1}' },
      { path, content: '{"a":2}' },
    ]);
    expect(await refused(twice)).toContain(`${path} is in it twice`);
  });

  it("[SNAP23] with paths that lead elsewhere reads them as tables, or not at all", async () => {
    const backend = createSnapshotLab();
    const paths = [
      "../../etc/things/documents.jsonl",
      "/users/../_storage/../x",
      "C:\\things\\documents.jsonl",
      "_storage/../../posts/readme",
      "__proto__/x",
      "",
      "things//x",
      "_components/things/documents.jsonl",
    ];
    const files = paths.map((each, i) => ({ path: each, content: `{"a":${i}}` }));
    const { tables } = await backend.importSnapshot(zipOf(files));
    expect(tables).toEqual([{ component: "", table: "things", documents: 1 }]);
    expect((await documentsOf(backend)).things).toMatchObject([{ a: 0 }]);
    const proto = zipOf([{ path: "__proto__/documents.jsonl", content: '{"a":1}' }]);
    expect(await refused(proto)).toContain("no tables");
    const named = zipOf([{ path: "constructor/documents.jsonl", content: '{"a":1}' }]);
    const other = createSnapshotLab();
    await other.importSnapshot(named);
    expect((await documentsOf(other, ["constructor"])).constructor).toMatchObject([{ a: 1 }]);
  });

  it("[SNAP23] that names fewer files than it holds", async () => {
    const zip = zipOf([
      { path, content: '{"a":1}' },
      { path: "users/documents.jsonl", content: '{"name":"Ada"}' },
    ]);
    const fewer = zip.slice();
    const end = fewer.length - 22;
    fewer[end + 8] = 1;
    fewer[end + 10] = 1;
    await refused(fewer);
  });
});

describe("an archive with a changed name", () => {
  const files = [
    { path, content: '{"a":1}' },
    { path: "things/generated_schema.jsonl", content: '"uniform"' },
    { path: "README.md", content: "text" },
  ];

  it("[SNAP23] in its directory alone is refused, whatever the name was for", async () => {
    for (const { path: name } of files) {
      const zip = Buffer.from(zipOf(files));
      const at = zip.lastIndexOf(name);
      for (const [offset, to] of [
        [0, "x"],
        [name.length - 1, "/"],
      ] as const) {
        const changed = Uint8Array.from(zip);
        changed[at + offset] = to.charCodeAt(0);
        await refused(changed);
      }
    }
  });
});

describe("archives changed at random", () => {
  it("[SNAP24] are imported as they were, or refused with nothing changed", async () => {
    const from = createSnapshotLab();
    await store(from, "a file with some text", "text/plain");
    await from.run(async ({ db }) => {
      const by = await db.insert("users", { name: "Ada" });
      for (let i = 0; i < 5; i++) await db.insert("posts", { by, text: `text ${i}` });
      await db.insert("things", { n: 1n, f: Number.NaN });
    });
    const archives = [await bytesOf(from.exportSnapshot()), await rewritten(from)];
    const expected = [await documentsOf(from), await filesOf(from)];
    const target = createSnapshotLab({ seed: "target" });
    await target.run(({ db }) => db.insert("things", { mine: true }));
    const before = [await documentsOf(target), await filesOf(target)];
    const outcomes = { imported: 0, refused: 0 };

    const attempt = async (bytes: Uint8Array<ArrayBuffer>) => {
      try {
        const copy = target.fork() as Backend;
        await copy.importSnapshot(bytes, { mode: "replaceAll" });
        expect([await documentsOf(copy), await filesOf(copy)]).toStrictEqual(expected);
        outcomes.imported += 1;
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        expect(code, message).toBe("ImportFailed");
        expect(message).toMatch(/^Hit an error while importing:\n./);
        outcomes.refused += 1;
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1), changes, async (archive, edits) => {
        await attempt(edited(archives[archive]!, edits));
      }),
      {
        seed: Number(process.env.FUZZ_SEED ?? 1),
        numRuns: Number(process.env.FUZZ_RUNS ?? 1000),
      },
    );
    expect([await documentsOf(target), await filesOf(target)]).toStrictEqual(before);
    expect(outcomes.refused).toBeGreaterThan(outcomes.imported);
    expect(outcomes.imported).toBeGreaterThan(0);
  }, 240_000);
});

type Edit =
  | { readonly kind: "set"; readonly at: number; readonly to: number }
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "cut"; readonly at: number; readonly length: number }
  | { readonly kind: "copy"; readonly at: number; readonly from: number; readonly length: number };

const place = fc.noBias(fc.nat());
const changes = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at: place, to: fc.nat(255) }),
    fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) }),
    fc.record({
      kind: fc.constant("cut" as const),
      at: place,
      length: fc.integer({ min: 1, max: 50 }),
    }),
    fc.record({
      kind: fc.constant("copy" as const),
      at: place,
      from: place,
      length: fc.integer({ min: 1, max: 50 }),
    }),
  ),
  { minLength: 1, maxLength: 3 },
);

function edited(archive: Uint8Array, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  let bytes = archive.slice();
  for (const edit of edits) {
    const at = edit.at % bytes.length;
    if (edit.kind === "set") bytes[at] = edit.to;
    else if (edit.kind === "flip") bytes[at]! ^= 1 << edit.bit;
    else if (edit.kind === "cut") {
      bytes = new Uint8Array([...bytes.slice(0, at), ...bytes.slice(at + edit.length)]);
    } else {
      const from = edit.from % bytes.length;
      bytes.set(bytes.slice(from, Math.min(from + edit.length, from + bytes.length - at)), at);
    }
  }
  return bytes as Uint8Array<ArrayBuffer>;
}

/** The same export, packed by hand without sizes after the data. */
async function rewritten(backend: Backend): Promise<Uint8Array<ArrayBuffer>> {
  const { openArchive } = await import("../../src/snapshot/archive-reader");
  const entries = await openArchive(new Blob([await bytesOf(backend.exportSnapshot())]));
  const files: ZipFile[] = [];
  for (const entry of entries) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.chunks()) chunks.push(chunk);
    files.push({ path: entry.path, content: Buffer.concat(chunks), descriptor: false });
  }
  return zipOf(files);
}
