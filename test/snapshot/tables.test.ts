/** One table at a time, as lines of JSON or as an array. */
import { describe, expect, it } from "vitest";
import { valuesEqual } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { blobOf, createSnapshotLab, documentsOf, failureOf, idOf, textOf } from "./snapshot-lab";

async function things(backend: ReturnType<typeof createSnapshotLab>) {
  return (await documentsOf(backend, ["things"])).things as Record<string, unknown>[];
}

describe("lines of JSON", () => {
  it("[SNAP27] go out and come in again", async () => {
    const from = createSnapshotLab();
    await from.run(async ({ db }) => {
      await db.insert("things", { n: 1, z: -0, text: "é\n\u2028", list: [null, true, { a: 1.5 }] });
      await db.insert("things", {});
    });
    const text = await textOf(from.exportTable("things"));
    expect(text).toContain('"n":1.0');
    const to = createSnapshotLab({ seed: "other" });
    await to.importTable("things", from.exportTable("things"));
    expect(await things(to)).toStrictEqual(await things(from));
    expect(await textOf(to.exportTable("things"))).toBe(text);
  });

  it("[SNAP27] in the format of snapshots keep every value", async () => {
    const from = createSnapshotLab();
    const value = {
      i: 1n,
      b: new Uint8Array([1]).buffer,
      f: [Number.NaN, Number.NEGATIVE_INFINITY],
    };
    await from.run(({ db }) => db.insert("things", value));
    const to = createSnapshotLab({ seed: "other" });
    await to.importTable("things", from.exportTable("things", { format: "uniform" }), {
      format: "uniform",
    });
    const [there, here] = [await things(to), await things(from)];
    expect(valuesEqual(there as Value, here as Value)).toBe(true);
  });

  it("[SNAP27] of plain JSON refuse what they have no form for, both ways", async () => {
    for (const each of [1n, new ArrayBuffer(2), Number.NaN]) {
      const backend = createSnapshotLab();
      const id = await backend.run(({ db }) => db.insert("things", { a: [each] }));
      const failure = await failureOf(textOf(backend.exportTable("things")));
      expect(failure).toMatchObject({ code: "ExportFailed", fields: { table: "things", id } });
      expect(failure.message).toContain(`Document ${id} of table things: JSON has no form for`);
    }
    const backend = createSnapshotLab();
    await backend.importTable("things", blobOf('{"a":1}\n{"a":1.0}'));
    expect(await things(backend)).toMatchObject([{ a: 1 }, { a: 1 }]);
    const special = backend.importTable("things", blobOf('{"a":{"$integer":"AQAAAAAAAAA="}}'), {
      mode: "append",
    });
    expect((await failureOf(special)).message).toBe(
      "Hit an error while importing:\nRow 1 wasn't a valid Convex value: Field name $integer starts with '$', which is reserved. (line 1)",
    );
  });

  it("[SNAP8][SNAP9][SNAP10] are imported in every mode", async () => {
    const backend = createSnapshotLab();
    const put = (n: number, mode?: "append" | "replace") =>
      backend.importTable("things", blobOf(`{"n":${n}}`), { mode });
    await put(1);
    expect((await failureOf(put(2))).message).toBe(
      "Hit an error while importing:\nTable things already exists. Please choose a new table name or use replace/append modes.",
    );
    await put(3, "append");
    expect(await things(backend)).toMatchObject([{ n: 1 }, { n: 3 }]);
    expect((await put(4, "replace")).tables).toEqual([
      { component: "", table: "things", documents: 1 },
    ]);
    expect(await things(backend)).toMatchObject([{ n: 4 }]);
  });

  it("[SNAP12][SNAP20] make the table, and take the number of the ids", async () => {
    const backend = createSnapshotLab();
    const _id = idOf(12_345, 1);
    await backend.importTable("fresh", blobOf(`{"_id":"${_id}","_creationTime":3.25}\n{"a":1}\n`));
    const rows = (await documentsOf(backend, ["fresh"])).fresh as { _id: string }[];
    expect(rows[0]).toEqual({ _id, _creationTime: 3.25 });
    expect(rows[1]!._id.slice(0, 3)).toBe(_id.slice(0, 3));
  });

  it("[SNAP19] are split in chunks anywhere, characters too", async () => {
    const bytes = new TextEncoder().encode('{"a":"é✓\u{1f600}"}\n{"a":"é"}\r\n');
    async function* single() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const backend = createSnapshotLab();
    await backend.importTable("things", single());
    expect(await things(backend)).toMatchObject([{ a: "é✓\u{1f600}" }, { a: "é" }]);
  });

  it("[SNAP19] of a source that fails bring nothing", async () => {
    async function* failing() {
      yield new TextEncoder().encode('{"a":1}\n');
      throw new Error("connection lost");
    }
    const backend = createSnapshotLab();
    const failure = await failureOf(backend.importTable("things", failing()));
    expect(failure.message).toBe("Hit an error while importing:\nconnection lost");
    expect(await things(backend)).toEqual([]);
  });
});

describe("an array of JSON", () => {
  const put = (text: string) =>
    createSnapshotLab().importTable("things", blobOf(text), { format: "jsonArray" });

  it("[SNAP28] is imported row by row", async () => {
    const backend = createSnapshotLab();
    const text = '[\n {"a":1},\n {"a":[2]}\n]';
    await backend.importTable("things", blobOf(text), { format: "jsonArray" });
    expect(await things(backend)).toMatchObject([{ a: 1 }, { a: [2] }]);
    expect((await put("[]")).tables[0]!.documents).toBe(0);
  });

  it("[SNAP28] that is none, or has rows that are none, is refused", async () => {
    const message = async (text: string) => (await failureOf(put(text))).message.split("\n")[1];
    expect(await message('{"a":1}')).toBe("Not a JSON array");
    expect(await message("")).toMatch(/^Not a JSON array: /);
    expect(await message("[1]")).toBe("Row 1 wasn't an object (line 1)");
    expect(await message('[{"a":1},{"$a":1}]')).toBe(
      "Row 2 wasn't a valid Convex value: Field name $a starts with '$', which is reserved. (line 2)",
    );
    expect(await message("\ufeff[]")).toMatch(/^UTF-8 BOM is not supported\./);
  });

  it("[SNAP28] may have 16 MiB", async () => {
    const row = `{"a":"${"x".repeat(1_000_000)}"}`;
    const fits = `[${Array(16).fill(row).join(",")}]`;
    expect((await put(fits)).tables[0]!.documents).toBe(16);
    const failure = await failureOf(put(`[${Array(17).fill(row).join(",")}]`));
    expect(failure.message).toMatch(
      /^Hit an error while importing:\nImport is too large for JSON \(\d+ bytes > maximum 16777216\)\. Consider converting data to JSONLines$/,
    );
  });
});
