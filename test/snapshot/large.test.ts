/** A table of 50 MB, exported while somebody counts the memory. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { createSnapshotLab } from "./snapshot-lab";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const DOCUMENTS = 50_000;
const TEXT = "x".repeat(1000);

async function* rows() {
  const encoder = new TextEncoder();
  for (let i = 0; i < DOCUMENTS; i++) yield encoder.encode(`{"text":"${TEXT}","i":${i}}\n`);
}

it("[SNAP26] a table of 50 MB is exported within a fifth of that", async () => {
  const backend = createSnapshotLab();
  await backend.importTable("things", rows());
  for (const stream of [backend.exportTable("things"), backend.exportSnapshot()]) {
    const before = held();
    let [bytes, chunks, most] = [0, 0, 0];
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      chunks += 1;
      if (chunks % 64 === 1) most = Math.max(most, held() - before);
    }
    expect(chunks).toBeGreaterThan(5);
    expect(bytes).toBeGreaterThan(DOCUMENTS);
    expect(most).toBeLessThan(10_000_000);
  }
}, 60_000);

/** Bytes that are reachable. */
function held(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
