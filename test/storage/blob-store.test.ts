// What every blob store owes, run on the one in memory, against a map of whole arrays.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlobStore } from "../../src/storage/blob-store";
import { MemoryBlobStore } from "../../src/storage/memory-blob-store";

type Bytes = Uint8Array<ArrayBuffer>;

async function* chunksOf(chunks: readonly Bytes[]): AsyncGenerator<Bytes> {
  const scratch = new Uint8Array(200_000);
  for (const chunk of chunks) {
    // One buffer for all chunks, as streams may do: the store must have read it before asking on.
    scratch.set(chunk);
    yield scratch.subarray(0, chunk.length);
  }
}

async function readAll(chunks: AsyncIterable<Bytes> | undefined): Promise<number[] | undefined> {
  if (chunks === undefined) return undefined;
  const bytes: number[] = [];
  for await (const chunk of chunks) {
    bytes.push(...chunk);
    chunk.fill(0xee);
  }
  return bytes;
}

const store = (): BlobStore => new MemoryBlobStore();

describe("a blob store", () => {
  it("[STG27] gives back any part of what it was given, however it came", async () => {
    const chunk = fc
      .tuple(fc.nat(150_000), fc.nat(255))
      .map(([length, seed]) => Uint8Array.from({ length }, (_, i) => i * 31 + seed));
    const property = fc.asyncProperty(
      fc.array(chunk, { maxLength: 4 }),
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      async (chunks, cuts) => {
        const blobs = store();
        await blobs.put("a", chunksOf(chunks));
        const whole = chunks.flatMap((each) => [...each]);
        const [start = 0, end = 0] = cuts
          .map((cut) => Math.round(cut * whole.length))
          .sort((a, b) => a - b);
        expect(await readAll(blobs.read("a", start, end))).toEqual(whole.slice(start, end));
        expect(await readAll(blobs.read("a", 0, whole.length))).toEqual(whole);
      },
    );
    await fc.assert(property, { numRuns: 25, seed: 5 });
  });

  it("[STG27] keeps nothing of what breaks off", async () => {
    const blobs = store();
    const breaking = async function* () {
      yield new Uint8Array(100_000);
      throw new Error("broken off");
    };
    await expect(blobs.put("a", breaking())).rejects.toThrow("broken off");
    expect(blobs.read("a", 0, 0)).toBeUndefined();
  });

  it("[STG27] forks see each other's past and nothing later", async () => {
    const blobs = store();
    const put = (to: BlobStore, id: string, text: string) =>
      to.put(id, chunksOf([new TextEncoder().encode(text) as Bytes]));
    const text = async (from: BlobStore, id: string) => {
      const bytes = await readAll(from.read(id, 0, 3));
      return bytes && String.fromCharCode(...bytes);
    };
    await put(blobs, "a", "aaa");
    await put(blobs, "b", "bbb");
    const fork = blobs.fork();
    await blobs.delete("a");
    await blobs.delete("unknown");
    await put(fork, "c", "ccc");
    await fork.delete("b");
    const ids = ["a", "b", "c"];
    expect(await Promise.all(ids.map((id) => text(blobs, id)))).toEqual([
      undefined,
      "bbb",
      undefined,
    ]);
    expect(await Promise.all(ids.map((id) => text(fork, id)))).toEqual(["aaa", undefined, "ccc"]);
    const second = blobs.fork();
    expect(await Promise.all(ids.map((id) => text(second, id)))).toEqual([
      undefined,
      "bbb",
      undefined,
    ]);
  });
});
