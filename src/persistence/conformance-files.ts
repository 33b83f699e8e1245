/** The conformance cases of files. */
import { expectSame, expectThrow } from "./conformance-harness";
import type { PersistentStore } from "./persistence";

type Opener = () => Promise<PersistentStore>;

export const fileCases: Record<string, (open: Opener) => Promise<void>> = {
  "a file's bytes are there after closing and opening": async (open) => {
    const store = await open();
    await store.files.put("f", chunks(bytes(100)));
    await store.close();
    const again = await open();
    expectBytes(await readAll(again, "f", 0, 100), bytes(100));
    expectSame([...(await again.files.ids())], ["f"], "ids");
  },

  "an empty file is there": async (open) => {
    const store = await open();
    await store.files.put("f", chunks());
    expectBytes(await readAll(store, "f", 0, 0), bytes(0));
    expectSame(store.files.read("g", 0, 0), undefined, "a file that is not there");
  },

  "a large file in odd chunks is read whole and in ranges": async (open) => {
    const size = 1_000_003;
    const whole = bytes(size);
    const store = await open();
    const parts = [0, 1, 70_000, 70_001, 600_000, size].map((from, i, all) =>
      whole.subarray(from, all[i + 1] ?? size),
    );
    await store.files.put("f", chunks(...parts));
    for (const [start, end] of [
      [0, size],
      [0, 1],
      [size - 1, size],
      [262_143, 262_145],
      [500_000, 900_000],
      [7, 7],
      [999_000, Number.MAX_SAFE_INTEGER],
    ] as const) {
      expectBytes(await readAll(store, "f", start, end), whole.subarray(start, end));
    }
  },

  "what is read belongs to the reader": async (open) => {
    const store = await open();
    const content = bytes(50);
    await store.files.put("f", chunks(content));
    content.fill(0);
    for await (const chunk of store.files.read("f", 0, 50) ?? []) chunk.fill(255);
    expectBytes(await readAll(store, "f", 0, 50), bytes(50));
  },

  "content that fails is not kept": async (open) => {
    const store = await open();
    const failing = async function* () {
      yield bytes(300_000);
      throw new Error("the upload broke off");
    };
    const error = await expectThrow(() => store.files.put("f", failing()));
    expectSame((error as Error).message, "the upload broke off", "the error");
    expectSame(store.files.read("f", 0, 1), undefined, "the file");
    expectSame([...(await store.files.ids())], [], "ids");
  },

  "deleted files are gone, unknown ones no matter": async (open) => {
    const store = await open();
    await store.files.put("f", chunks(bytes(10)));
    await store.files.put("g", chunks(bytes(20)));
    await store.files.delete("f");
    await store.files.delete("unknown");
    await store.close();
    const again = await open();
    expectSame(again.files.read("f", 0, 10), undefined, "the deleted file");
    expectBytes(await readAll(again, "g", 0, 20), bytes(20));
  },

  "files and rows are written in between each other": async (open) => {
    const store = await open();
    const slow = async function* () {
      yield bytes(300_000);
      await store.write({ rows: [{ table: 1, id: "a", change: "insert", text: "A" }], meta: [] });
      yield bytes(10);
    };
    await store.files.put("f", slow());
    await store.close();
    const again = await open();
    expectSame((await readAll(again, "f", 0, 300_010)).length, 300_010, "bytes of the file");
    expectSame([...again.rows(1)].flat().length, 1, "rows");
  },
};

function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function readAll(
  store: PersistentStore,
  id: string,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of store.files.read(id, start, end) ?? []) parts.push(chunk);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expectSame(actual.length, expected.length, "number of bytes");
  const wrong = actual.findIndex((byte, i) => byte !== expected[i]);
  if (wrong >= 0)
    throw new Error(`byte ${wrong}: expected ${expected[wrong]}, got ${actual[wrong]}`);
}
