// What a Durable Object can hold and how fast it is, measured in workerd on this machine:
// `npm run bench:workers`. Prints a table; the figures in the guide come from here.

import { readdirSync, readFileSync } from "node:fs";
import { type RunningWorkerd, startWorkerd } from "./workerd";

const SIZES = [1_000, 10_000, 100_000];
const BATCH = 1_000;
const NOTE_BYTES = 100;
const COMMITS = 1_000;
const REPEATS = 5;

console.log("documents   bytes each   first answer, cold   the same, warm   memory of the process");
for (const size of SIZES) await measureSize(size);
await measureCommits();

async function measureSize(size: number): Promise<void> {
  const workerd = await startWorkerd();
  const room = workerd.object("limits");
  for (let from = 0; from < size; from += BATCH) {
    await room.mutation("ledger:fill", { from, count: BATCH, bytes: NOTE_BYTES });
  }
  const [{ bytes }] = await room.sql("SELECT sum(length(text)) AS bytes FROM invex_rows");
  await workerd.evict("limits");
  const colds: number[] = [];
  const warms: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    // The object begins; its backend does with the first call.
    await room.bornAs();
    colds.push(await timeOfRead(workerd));
    warms.push(await timeOfRead(workerd));
    if (i < REPEATS - 1) await workerd.evict("limits");
  }
  const cells = [
    String(size).padStart(9),
    String(Math.round(bytes / size)).padStart(12),
    `${median(colds).toFixed(0)} ms`.padStart(20),
    `${median(warms).toFixed(1)} ms`.padStart(16),
    `${Math.round(memoryOfWorkerd() / 2 ** 20)} MiB`.padStart(23),
  ];
  console.log(cells.join(" "));
  await workerd.close();
}

async function timeOfRead(workerd: RunningWorkerd): Promise<number> {
  const start = performance.now();
  await workerd.object("limits").query("ledger:balance", { key: "filler0000500" });
  return performance.now() - start;
}

async function measureCommits(): Promise<void> {
  const workerd = await startWorkerd();
  const own = workerd.object("commits", "OWN");
  await own.commits(COMMITS, true);
  await own.commits(COMMITS, false);
  const [stored, inMemory]: number[][] = [[], []];
  for (let i = 0; i < REPEATS; i++) {
    stored?.push(await own.commits(COMMITS, true));
    inMemory?.push(await own.commits(COMMITS, false));
  }
  const perCommit = (times: number[] = []) => `${((median(times) / COMMITS) * 1000).toFixed(0)} µs`;
  console.log(
    `a commit of one document: ${perCommit(stored)}, in memory only ${perCommit(inMemory)}`,
  );
  await workerd.close();
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

/** Resident bytes of the workerd that this process has started. */
function memoryOfWorkerd(): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const status = statusOf(pid);
    if (!/^Name:\s+workerd/m.test(status) || !isChild(status)) continue;
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
  }
  return Number.NaN;
}

function isChild(status: string): boolean {
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
  if (parent === undefined || parent === "0") return false;
  return parent === String(process.pid) || isChild(statusOf(parent));
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
