// What a Durable Object can hold and how fast it is, measured in workerd on this machine:
// `npm run bench:workers`. Prints a table; the figures in the guide come from here.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningWorkerd, startWorkerd } from "./workerd";

const SIZES = process.argv.slice(2).map(Number);
if (SIZES.length === 0) SIZES.push(1_000, 10_000, 100_000);
const BATCH = 1_000;
const NOTE_BYTES = 100;
const COMMITS = 1_000;
const REPEATS = 3;
const MS_PER_TICK = 10;

console.log(
  "documents   bytes each   first answer, cold   CPU of that   the same, warm   memory taken",
);
for (const size of SIZES) await measureSize(size);
await measureCommits();

async function measureSize(size: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "invex-limits-"));
  const bytes = await fill(folder, size);
  const runs: Run[] = [];
  for (let i = 0; i < REPEATS; i++) runs.push(await measureRun(folder));
  const of = (figure: (run: Run) => number) => median(runs.map(figure));
  const cells = [
    String(size).padStart(9),
    String(Math.round(bytes / size)).padStart(12),
    `${of(({ coldMs }) => coldMs).toFixed(0)} ms`.padStart(20),
    `${of(({ cpuMs }) => cpuMs).toFixed(0)} ms`.padStart(13),
    `${of(({ warmMs }) => warmMs).toFixed(1)} ms`.padStart(16),
    `${(of(({ memory }) => memory) / 2 ** 20).toFixed(0)} MiB`.padStart(14),
  ];
  console.log(cells.join(" "));
  await rm(folder, { recursive: true });
}

/** @returns how many characters of JSON that was */
async function fill(folder: string, size: number): Promise<number> {
  const workerd = await startWorkerd(folder);
  const room = workerd.object("limits", "LARGE_ROOM");
  for (let from = 0; from < size; from += BATCH) {
    await room.mutation("ledger:fill", { from, count: BATCH, bytes: NOTE_BYTES });
  }
  const [{ bytes }] = await room.sql("SELECT sum(length(text)) AS bytes FROM invex_rows");
  await workerd.close();
  return bytes;
}

interface Run {
  readonly coldMs: number;
  readonly cpuMs: number;
  readonly warmMs: number;
  readonly memory: number;
}

/** In a process of its own. The code has been loaded, by another object, before the time begins. */
async function measureRun(folder: string): Promise<Run> {
  const workerd = await startWorkerd(folder);
  await workerd.object("another", "LARGE_ROOM").query("ledger:balances");
  const before = usageOfWorkerd();
  const coldMs = await timeOfRead(workerd);
  const after = usageOfWorkerd();
  const warmMs = await timeOfRead(workerd);
  await workerd.close();
  return {
    coldMs,
    warmMs,
    cpuMs: after.cpuMs - before.cpuMs,
    memory: after.memory - before.memory,
  };
}

async function timeOfRead(workerd: RunningWorkerd): Promise<number> {
  const start = performance.now();
  await workerd.object("limits", "LARGE_ROOM").query("ledger:balance", { key: "filler0000500" });
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

/** Of the workerd that this process has started. */
function usageOfWorkerd(): { readonly cpuMs: number; readonly memory: number } {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const status = fileOf(pid, "status");
    if (!/^Name:\s+workerd/m.test(status) || !isChild(status)) continue;
    const ticks = fileOf(pid, "stat")
      .replace(/^.*\) /, "")
      .split(" ");
    return {
      cpuMs: (Number(ticks[11]) + Number(ticks[12])) * MS_PER_TICK,
      memory: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024,
    };
  }
  throw new Error("workerd is not running");
}

function isChild(status: string): boolean {
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
  if (parent === undefined || parent === "0") return false;
  return parent === String(process.pid) || isChild(fileOf(parent, "status"));
}

function fileOf(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
