// Imports into backends that begin again: table numbers, files and their URLs are on disk with them.

import type { Backend } from "invex";
import { memoryPersistence, type Persistence } from "invex/persistence";
import { sqlite } from "invex/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { tryTableNumber } from "../../src/values/id";
import { SqliteFolder } from "../persistence/sqlite-files";
import {
  blobOf,
  bytesOf,
  createSnapshotLab,
  documentsOf,
  failureOf,
  filesOf,
  idOf,
  importFiles,
  store,
} from "./snapshot-lab";

const folder = new SqliteFolder();
let files = 0;
afterEach(() => folder.closeAll());

/** A disk as one process after another finds it; the one before has died. */
const disks: Record<string, () => () => Persistence> = {
  memory: () => {
    const persistence = memoryPersistence();
    return () => {
      persistence.crash();
      return persistence;
    };
  },
  sqlite: () => sqliteDisk("eager"),
  "sqlite, read lazily": () => sqliteDisk("lazy"),
};

function sqliteDisk(load: "eager" | "lazy"): () => Persistence {
  files += 1;
  const name = `snapshot-${files}.db`;
  return () => {
    folder.closeAll();
    return sqlite(folder.open(undefined, name), { synchronous: "normal", load });
  };
}

const open = (persistence: Persistence) => createSnapshotLab({ persistence });

const everything = async (backend: Backend) => [await documentsOf(backend), await filesOf(backend)];

for (const [kind, create] of Object.entries(disks)) {
  describe(`an import into ${kind}`, () => {
    it("[SNAP32] is there when the backend begins again, numbers and URLs too", async () => {
      const from = createSnapshotLab({ seed: "from" });
      const file = await store(from, "content", "text/plain");
      await from.run(async ({ db }) => {
        const by = await db.insert("users", { name: "Ada" });
        await db.insert("posts", { by, text: "x", file: file as never });
      });
      const next = create();
      const first = open(next());
      await store(first, "to go");
      await first.run(({ db }) => db.insert("things", { mine: 1 }));
      await first.importSnapshot(from.exportSnapshot(), { mode: "replaceAll" });
      const before = await everything(first);
      expect(before).toEqual(await everything(from));
      const second = open(next());
      expect(await everything(second)).toEqual(before);
      await second.run(({ db }) => db.insert("users", { name: "later" }));
      expect((await documentsOf(open(next()))).users).toHaveLength(2);
    });

    it("[SNAP32] that changes table numbers has them at the next beginning", async () => {
      const next = create();
      const first = open(next());
      await first.run(({ db }) => db.insert("users", { name: "old" }));
      const _id = idOf(540, 1);
      await importFiles(
        first,
        {
          "_tables/documents.jsonl":
            '{"name":"users","id":10002}\n{"name":"posts","id":10001}\n{"name":"things","id":20000}',
          "users/documents.jsonl": `{"_id":"${idOf(10_002, 1)}","name":"Ada"}`,
          "posts/documents.jsonl": `{"_id":"${idOf(10_001, 1)}","by":"${idOf(10_002, 1)}","text":"x"}`,
          "things/documents.jsonl": "",
          [`_storage/${_id}`]: "bytes",
        },
        { mode: "replace" },
      );
      const before = await everything(first);
      const second = open(next());
      expect(await everything(second)).toEqual(before);
      const numbers = await second.run(async ({ db }) => [
        await db.insert("users", { name: "Bob" }),
        await db.insert("posts", { by: idOf(10_002, 1) as never, text: "y" }),
        await db.insert("things", {}),
      ]);
      expect(numbers.map((id) => tryTableNumber(id))).toEqual([10_002, 10_001, 20_000]);
      expect(tryTableNumber(await store(second, "more"))).toBe(540);
      const third = open(next());
      expect((await filesOf(third)).map(({ bytes }) => bytes.length).sort()).toEqual([4, 5]);
    });

    it("[SNAP32] that fails leaves the disk as it was", async () => {
      const next = create();
      const first = open(next());
      await first.run(({ db }) => db.insert("users", { name: "old" }));
      const before = await everything(first);
      await failureOf(
        importFiles(
          first,
          { "users/documents.jsonl": '{"name":5}', [`_storage/${idOf(540, 1)}`]: "x" },
          { mode: "replaceAll" },
        ),
      );
      expect(await everything(open(next()))).toEqual(before);
    });

    it("[SNAP32] of tables that were never read since the beginning replaces them", async () => {
      const next = create();
      await open(next()).importTable("things", blobOf('{"n":1}\n{"n":2}'));
      const zip = await bytesOf(open(next()).exportSnapshot());
      await open(next()).importTable("things", blobOf('{"n":3}'), { mode: "replace" });
      expect((await documentsOf(open(next()))).things).toMatchObject([{ n: 3 }]);
      await open(next()).importSnapshot(zip, { mode: "replaceAll" });
      expect((await documentsOf(open(next()))).things).toMatchObject([{ n: 1 }, { n: 2 }]);
      const renumbered = blobOf(`{"_id":"${idOf(30_000)}","n":4}`);
      await open(next()).importTable("things", renumbered, { mode: "replace" });
      expect((await documentsOf(open(next()))).things).toMatchObject([{ n: 4 }]);
    });
  });
}
