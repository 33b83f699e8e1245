/** Files of `ctx.storage` in imports and exports: bytes, URLs, and what becomes of them. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { digestOf, watchBlobs } from "../storage/storage-lab";
import {
  bytesOf,
  createSnapshotLab,
  failureOf,
  filesOf,
  idOf,
  importFiles,
  store,
} from "./snapshot-lab";

afterEach(() => {
  vi.restoreAllMocks();
});

const uuid = "0a1b2c3d-4e5f-4a6b-8c7d-001122334455";

/** The number that `_storage` has in deployments. */
const STORAGE = 540;

const row = (fields: object) => `${JSON.stringify(fields)}\n`;

describe("files in an import", () => {
  it("[SNAP21] keep id, creation time, type and URL", async () => {
    const backend = createSnapshotLab();
    const _id = idOf(STORAGE, 1);
    const sha256 = await digestOf("content");
    const row1 = {
      _id,
      _creationTime: 5.5,
      sha256,
      size: 7.0,
      contentType: "text/x",
      internalId: uuid,
    };
    const report = await importFiles(backend, {
      "_storage/documents.jsonl": row(row1),
      [`_storage/${_id}.txt`]: "content",
    });
    expect(report.tables).toEqual([{ component: "", table: "_storage", documents: 1 }]);
    expect(await filesOf(backend)).toEqual([
      {
        id: _id,
        url: `http://invex.localhost/api/storage/${uuid}`,
        row: { _id, _creationTime: 5.5, sha256, size: 7, contentType: "text/x" },
        type: "text/x",
        bytes: [...Buffer.from("content")],
      },
    ]);
    const response = await backend.fetch(`/api/storage/${uuid}`);
    expect([response.status, await response.text()]).toEqual([200, "content"]);
  });

  it("[SNAP21] are those that are there: a row alone is none, a file alone is one", async () => {
    const backend = createSnapshotLab();
    const [described, alone] = [idOf(STORAGE, 1), idOf(STORAGE, 2)];
    await importFiles(backend, {
      "_storage/documents.jsonl": row({ _id: described, sha256: "x", size: 1 }),
      [`_storage/${alone}`]: "abc",
    });
    const [file, ...others] = await filesOf(backend);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ id: alone, type: "", row: { size: 3 } });
    expect(file!.url).toMatch(/\/api\/storage\/[0-9a-f-]{36}$/);
    const new2 = await store(backend, "next");
    expect(new2.slice(0, 3)).toBe(alone.slice(0, 3));
  });

  it("[SNAP21][SNAP22] with a wrong size or digest fail the import, and leave no bytes", async () => {
    const kept = watchBlobs();
    const backend = createSnapshotLab();
    const [good, bad] = [idOf(STORAGE, 1), idOf(STORAGE, 2)];
    const other = await digestOf("other");
    const attempt = async (fields: object) =>
      failureOf(
        importFiles(backend, {
          "_storage/documents.jsonl": row({ _id: good }) + row({ _id: bad, ...fields }),
          [`_storage/${good}`]: "fine",
          [`_storage/${bad}.bin`]: "content",
        }),
      );
    expect((await attempt({ sha256: other })).message).toBe(
      `Hit an error while importing:\nSha256 mismatch. Expected: ${other} Actual: ${await digestOf("content")} (file _storage/${bad}.bin)`,
    );
    expect(await attempt({ size: 6 })).toMatchObject({
      message: expect.stringContaining("Size mismatch. Expected: 6 Actual: 7"),
      fields: { file: `_storage/${bad}.bin`, field: "size" },
    });
    expect(await filesOf(backend)).toEqual([]);
    expect(kept.size).toBe(0);
  });

  it("[SNAP21] with rows that cannot be are named", async () => {
    const attempt = async (rows: string, name = idOf(STORAGE, 1)) =>
      (
        await failureOf(
          importFiles(createSnapshotLab(), {
            "_storage/documents.jsonl": rows,
            [`_storage/${name}`]: "x",
            [`_storage/${idOf(STORAGE, 2)}`]: "y",
          }),
        )
      ).message;
    const [a, b] = [idOf(STORAGE, 1), idOf(STORAGE, 2)];
    expect(await attempt(row({ _id: a, internalId: "x" }))).toContain("field internalId)");
    expect(await attempt(row({ _id: a, size: -1 }))).toContain("field size)");
    expect(await attempt(row({ size: 1 }))).toContain("field _id)");
    expect(await attempt(row({ _id: a }) + row({ _id: a }))).toContain("described twice");
    expect(await attempt("", "nonsense.txt")).toContain("nonsense is not the id of a file");
    expect(
      await attempt(row({ _id: a, internalId: uuid }) + row({ _id: b, internalId: uuid })),
    ).toContain(`Two files have the internalId ${uuid}`);
  });

  it("[SNAP22] leave no bytes when a document is wrong", async () => {
    const kept = watchBlobs();
    const backend = createSnapshotLab();
    const failure = await failureOf(
      importFiles(backend, {
        [`_storage/${idOf(STORAGE, 1)}`]: "content",
        "users/documents.jsonl": '{"name":1}',
      }),
    );
    expect(failure.code).toBe("ImportFailed");
    expect(kept.size).toBe(0);
  });

  it("[SNAP22] that are replaced lose their bytes, those that stay the same keep them", async () => {
    const kept = watchBlobs();
    const backend = createSnapshotLab();
    const same = await store(backend, "same");
    await store(backend, "to go");
    const zip = await bytesOf(backend.exportSnapshot());
    const [before] = kept;
    const changes: string[] = [];
    backend.onCommit((commit) => changes.push(...commit.changes.map(({ id }) => id)));
    await backend.importSnapshot(zip, { mode: "replace" });
    expect(changes).toEqual([]);
    expect(kept.size).toBe(2);
    expect(kept).toContain(before);
    await importFiles(backend, { [`_storage/${same}`]: "new bytes" }, { mode: "replace" });
    expect(kept.size).toBe(1);
    expect(await filesOf(backend)).toMatchObject([
      { id: same, bytes: [...Buffer.from("new bytes")] },
    ]);
    await backend.importSnapshot(zip, { mode: "replace" });
    await backend.importSnapshot(zip, { mode: "replaceAll" });
    expect(kept.size).toBe(2);
    expect((await filesOf(backend)).map(({ id }) => id)).toContain(same);
  });

  it("[SNAP9] may be appended, but no URL is given twice", async () => {
    const backend = createSnapshotLab();
    const first = createSnapshotLab({ seed: "first" });
    await store(first, "one");
    await backend.importSnapshot(first.exportSnapshot());
    const second = createSnapshotLab({ seed: "second" });
    await store(second, "two");
    await backend.importSnapshot(second.exportSnapshot(), { mode: "append" });
    expect(await filesOf(backend)).toHaveLength(2);
    const taken = (await filesOf(backend))[0]!.url!.split("/").at(-1);
    const _id = idOf(514, 99);
    const again = importFiles(
      backend,
      { "_storage/documents.jsonl": row({ _id, internalId: taken }), [`_storage/${_id}`]: "x" },
      { mode: "append" },
    );
    expect((await failureOf(again)).message).toContain("another one has its internalId");
  });
});

describe("files in an export", () => {
  it("[SNAP25] are there though they are deleted while it is read", async () => {
    const kept = watchBlobs();
    const backend = createSnapshotLab();
    const id = await store(backend, "will be deleted");
    const before = await filesOf(backend);
    const stream = backend.exportSnapshot();
    const cancelled = backend.exportSnapshot();
    await backend.action((ctx) => ctx.storage.delete(id as never));
    expect(await filesOf(backend)).toEqual([]);
    const copy = createSnapshotLab({ seed: "copy" });
    await copy.importSnapshot(stream);
    expect(await filesOf(copy)).toEqual(before);
    expect(kept.size).toBe(2);
    await cancelled.cancel();
    expect(kept.size).toBe(1);
  });
});
