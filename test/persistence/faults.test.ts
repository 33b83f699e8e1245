// A library or a disk that fails at any single call, by an error or by a lie: what was acknowledged
// is there afterwards, nothing is half there, and the backend has stopped rather than gone astray.

import { isInvexError } from "invex";
import { sqlite } from "invex/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { openChores } from "./chores";
import { type Fault, FaultySqlite } from "./faulty-sqlite";
import { SqliteFolder } from "./sqlite-files";

const folder = new SqliteFolder();
let files = 0;
afterEach(() => folder.closeAll());

// biome-ignore lint/suspicious/noExplicitAny: called by path, as JavaScript would
type Untyped = any;

/** What one life of a backend acknowledged: pairs of chores that were committed together. */
interface Life {
  readonly acknowledged: number[];
  readonly attempted: number;
  readonly failures: readonly unknown[];
}

const PAIRS = 6;

/** Commits pairs of chores, some at once, until the end or the first failure. */
async function live(backend: Untyped): Promise<Life> {
  const acknowledged: number[] = [];
  const failures: unknown[] = [];
  const addPair = (pair: number) =>
    backend.run(async (ctx: Untyped) => {
      await ctx.db.insert("chores", { title: `${pair} a`, done: false });
      await ctx.db.insert("chores", { title: `${pair} b`, done: false });
    });
  for (let pair = 0; pair < PAIRS; pair += 2) {
    const both = [addPair(pair), addPair(pair + 1)];
    for (const [i, result] of (await Promise.allSettled(both)).entries()) {
      if (result.status === "fulfilled") acknowledged.push(pair + i);
      else failures.push(result.reason);
    }
  }
  return { acknowledged, attempted: PAIRS, failures };
}

async function pairsIn(file: string): Promise<Map<number, number>> {
  const backend = openChores(sqlite(folder.open(undefined, file)));
  const found = new Map<number, number>();
  for (const { title } of await backend.query("chores:list")) {
    const pair = Number(title.split(" ")[0]);
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  await backend.close();
  return found;
}

/** @returns whether the fault happened */
async function failAt(call: number, fault: Fault, tellsTransactions: boolean): Promise<boolean> {
  files += 1;
  const file = `faults-${files}.db`;
  const faulty = new FaultySqlite(folder.open(undefined, file), fault, tellsTransactions);
  const backend = openChores(sqlite(faulty, { synchronous: "normal" }));
  await backend.ready;
  faulty.failAfter(call);
  const life = await live(backend);
  // The process goes away, whatever it thinks of its disk.
  folder.closeAll();
  const found = await pairsIn(file);
  folder.closeAll();
  const where = `${fault} at call ${call}`;
  for (const pair of life.acknowledged) expect(found.get(pair), `${where}: pair ${pair}`).toBe(2);
  for (const [pair, count] of found) expect(count, `${where}: pair ${pair}`).toBe(2);
  for (const failure of life.failures) {
    expect(isInvexError(failure) && failure.code, where).toBe("PersistenceFailed");
  }
  return faulty.hasFailed;
}

describe("a SQLite handle", () => {
  for (const fault of ["throws", "lies"] as const) {
    for (const tells of [true, false]) {
      const kind = tells ? "" : ", on a library that does not tell of transactions";
      it(`[PER9] that ${fault} once, at every call: nothing acknowledged is lost, nothing is half there${kind}`, async () => {
        let call = 0;
        while (await failAt(call, fault, tells)) call += 1;
        // Three batches of at least BEGIN, count, four rows, moment, count, COMMIT.
        expect(call).toBeGreaterThan(25);
      });
    }
  }

  it("[PER9] that has failed stops the backend: reads go on, writes say why", async () => {
    const faulty = new FaultySqlite(folder.open(undefined, "stopped.db"), "throws", true);
    const backend = openChores(sqlite(faulty));
    await backend.mutation("chores:add", { title: "kept" });
    const seen: number[] = [];
    backend.subscribe("chores:list", {}, (rows: unknown[]) => seen.push(rows.length));
    faulty.failAfter(3);
    await expect(backend.mutation("chores:add", { title: "lost" })).rejects.toThrow(
      "The backend has stopped: its storage failed while committing.",
    );
    await expect(backend.mutation("chores:add", { title: "later" })).rejects.toMatchObject({
      code: "PersistenceFailed",
      fields: { problem: "failed" },
    });
    expect(await backend.query("chores:list")).toHaveLength(1);
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});
