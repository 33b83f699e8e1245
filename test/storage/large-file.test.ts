// 100 MB through `backend.fetch` and back: what is in memory at any time beyond the file itself.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { createStorageLab } from "./storage-lab";

const MB = 1_000_000;
const CHUNK = 64 * 1024;
const FILE = 100 * MB;
/** What the streams on the way may hold. */
const ALLOWED = 16 * CHUNK;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes outside the collector's heap: what chunks and files are made of. */
function heldBytes(): number {
  // Once to find what is garbage, once for what that had kept.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** Samples the memory in use every so many bytes. */
class Meter {
  readonly #start = heldBytes();
  #passed = 0;
  #nextSample = 0;
  worst = 0;

  /** @param kept how many of the bytes so far the backend keeps */
  pass(bytes: number, kept: (passed: number) => number): void {
    this.#passed += bytes;
    if (this.#passed < this.#nextSample) return;
    this.#nextSample += 10 * MB;
    this.worst = Math.max(this.worst, heldBytes() - this.#start - kept(this.#passed));
  }
}

it("[STG28] a 100 MB upload and download hold a few chunks beyond the file", async () => {
  const { backend, call } = createStorageLab();
  const uploadUrl = await call("uploadUrl");
  const before = heldBytes();
  const up = new Meter();
  let left = FILE;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) return controller.close();
      const size = Math.min(left, CHUNK);
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(left % 251));
      up.pass(size, (passed) => passed);
    },
  });
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
  const { storageId } = (await (await backend.fetch(uploadUrl, init)).json()) as {
    storageId: string;
  };
  const stored = heldBytes() - before;

  const response = await backend.fetch(await call("getUrl", { id: storageId }));
  const down = new Meter();
  const reader = response.body!.getReader();
  let received = 0;
  for (let next = await reader.read(); next.value !== undefined; next = await reader.read()) {
    received += next.value.byteLength;
    down.pass(next.value.byteLength, () => 0);
  }
  expect(received).toBe(FILE);
  console.info(
    `stored ${FILE / MB} MB in ${(stored / MB).toFixed(1)} MB; beyond it: upload ${(up.worst / MB).toFixed(2)} MB, download ${(down.worst / MB).toFixed(2)} MB`,
  );
  expect(stored).toBeLessThan(FILE + ALLOWED);
  expect(up.worst).toBeLessThan(ALLOWED);
  expect(down.worst).toBeLessThan(ALLOWED);
});
