// The limits of a transaction: what counts, what is said, and when it is nearly too much.

import { describe, expect, it } from "vitest";
import {
  DEFAULT_TRANSACTION_LIMITS,
  type TransactionLimits,
  type TransactionMetric,
  Usage,
} from "../../src/db/limits";
import { getDocumentSize } from "../../src/values/size";
import { failureOf } from "./message-of";
import { openDatabase } from "./open-database";
import { queryOn } from "./query-on";

const HINT =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";
const MiB = 1024 * 1024;

interface Texts {
  readonly code: string;
  readonly exceeded: string;
  readonly warning: string;
}

const texts: Record<TransactionMetric, Texts> = {
  documentsRead: {
    code: "TooManyDocumentsRead",
    exceeded: `Too many documents read in a single function execution (limit: 100). ${HINT}`,
    warning: `Many documents read in a single function execution (actual: 81, limit: 100). ${HINT}`,
  },
  bytesRead: {
    code: "TooManyBytesRead",
    exceeded: `Too many bytes read in a single function execution (limit: 100 bytes). ${HINT}`,
    warning: `Many bytes read in a single function execution (actual: 81 bytes, limit: 100 bytes). ${HINT}`,
  },
  databaseQueries: {
    code: "TooManyReads",
    exceeded: `Too many reads in a single function execution (limit: 100). ${HINT}`,
    warning: `Many reads in a single function execution (actual: 81, limit: 100). ${HINT}`,
  },
  documentsWritten: {
    code: "TooManyWrites",
    exceeded: "Too many writes in a single function execution (limit: 100)",
    warning: "Many writes in a single function execution (actual: 81, limit: 100)",
  },
  bytesWritten: {
    code: "TooManyBytesWritten",
    exceeded: "Too many bytes written in a single function execution (limit: 100 B)",
    warning:
      "Many bytes written in a single function execution (actual: 81 bytes, limit: 100 bytes)",
  },
  functionsScheduled: {
    code: "LimitExceeded",
    exceeded: "Too many functions scheduled by this mutation (limit: 100)",
    warning: "Many functions scheduled by this mutation (actual: 81, limit: 100)",
  },
  scheduledFunctionArgsBytes: {
    code: "LimitExceeded",
    exceeded:
      "Too large total size of the arguments of scheduled functions from this mutation (limit: 100 bytes)",
    warning:
      "Large total size of the arguments of scheduled functions from this mutation (actual: 81 bytes, limit: 100 bytes)",
  },
};

const metrics = Object.keys(texts) as TransactionMetric[];
const limitsOf = (limit: number) =>
  Object.fromEntries(metrics.map((metric) => [metric, limit])) as unknown as TransactionLimits;

describe("every limit", () => {
  it("[LIM1] is Convex's number", () => {
    expect(DEFAULT_TRANSACTION_LIMITS).toEqual({
      bytesRead: 16 * MiB,
      bytesWritten: 16 * MiB,
      databaseQueries: 4096,
      documentsRead: 32_000,
      documentsWritten: 16_000,
      functionsScheduled: 1000,
      scheduledFunctionArgsBytes: 16 * MiB,
    });
  });

  it.each(metrics)("[LIM2] says in Convex's words that there is too much: %s", (metric) => {
    const usage = new Usage(limitsOf(100));
    const { code, exceeded: message } = texts[metric];
    if (metric === "databaseQueries") {
      expect(failureOf(() => usage.failOn(metric))).toEqual({ code, message });
      return;
    }
    usage.charge(metric, 100);
    expect(failureOf(() => usage.charge(metric, 1))).toEqual({ code, message });
    expect(usage.used[metric]).toBe(101);
  });

  it("[LIM2] of bytes written is said in units", () => {
    const usage = new Usage(DEFAULT_TRANSACTION_LIMITS);
    expect(failureOf(() => usage.charge("bytesWritten", 16 * MiB + 1)).message).toBe(
      "Too many bytes written in a single function execution (limit: 16 MiB)",
    );
  });

  it.each(metrics)("[LIM3] is warned of above four fifths: %s", (metric) => {
    let queries = 0;
    const usage = new Usage(limitsOf(100), {
      intervalCount: () => queries,
      hasMoreIntervalsThan: (limit) => queries > limit,
    });
    const advance = (amount: number) => {
      if (metric === "databaseQueries") queries += amount;
      else usage.charge(metric, amount);
    };
    advance(80);
    expect(usage.warnings()).toEqual([]);
    advance(1);
    expect(usage.warnings()).toEqual([texts[metric].warning]);
    advance(19);
    expect(usage.warnings()).toHaveLength(1);
  });

  it("[LIM3] is not warned of once it is exceeded", () => {
    const usage = new Usage(limitsOf(100));
    expect(() => usage.charge("documentsRead", 101)).toThrow();
    expect(usage.warnings()).toEqual([]);
  });
});

describe("a budget for a nested call", () => {
  it("[LIM4] lowers the ceiling to what is used and the budget, and never raises it", () => {
    const usage = new Usage(limitsOf(100), {
      intervalCount: () => 30,
      hasMoreIntervalsThan: () => false,
    });
    usage.charge("documentsRead", 40);
    const restore = usage.restrict({
      documentsRead: 10,
      documentsWritten: 500,
      databaseQueries: 5,
    });
    expect(usage.ceilings).toMatchObject({
      documentsRead: 50,
      documentsWritten: 100,
      databaseQueries: 35,
      bytesRead: 100,
    });
    const inner = usage.restrict({ documentsRead: 30 });
    expect(usage.ceilings.documentsRead).toBe(50);
    inner();
    usage.charge("documentsRead", 10);
    expect(failureOf(() => usage.charge("documentsRead", 1)).message).toBe(
      texts.documentsRead.exceeded.replace("100", "50"),
    );
    restore();
    expect(usage.ceilings).toEqual(limitsOf(100));
    usage.charge("documentsRead", 49);
  });

  it("[LIM4] of queries begins at what the transaction has read", () => {
    const { database, commit, items } = openDatabase("budget", { limits: { databaseQueries: 10 } });
    const ids = commit((tx) => [1, 2, 3, 4, 5, 6].map((a) => tx.insert(items, { a })));
    const tx = database.begin();
    for (const id of ids.slice(0, 3)) tx.get(items, id);
    const restore = tx.usage.restrict({ databaseQueries: 2 });
    for (const id of ids.slice(0, 5)) tx.get(items, id);
    expect(failureOf(() => tx.get(items, ids[5] as string)).message).toContain("(limit: 5)");
    restore();
    tx.get(items, ids[0] as string);
    tx.close();
  });
});

describe("what a transaction is charged", () => {
  it("[LIM5] for reading is every row pulled and every document fetched, again and again", async () => {
    const open = openDatabase("charges");
    const ids = open.commit((tx) => [1, 2, 3].map((a) => tx.insert(open.items, { a })));
    const tx = open.database.begin();
    const { used } = tx.usage;
    const size = getDocumentSize({ a: 1 });
    tx.get(open.items, ids[0] as string);
    tx.get(open.items, ids[0] as string);
    expect([used.documentsRead, used.bytesRead]).toEqual([2, 2 * size]);
    tx.get(open.items, `${ids[0]}`.replace(/.$/, "0"));
    await queryOn(tx, "items").take(2);
    expect([used.documentsRead, used.bytesRead]).toEqual([4, 4 * size]);
    tx.patch(open.items, ids[0] as string, { a: 1 });
    expect(used).toMatchObject({ documentsRead: 5, documentsWritten: 0, bytesWritten: 0 });
    tx.close();
  });

  it("[LIM5] for writing is every write that has an effect, with the size of what is new", () => {
    const { database, items } = openDatabase("writes");
    const tx = database.begin();
    const { used } = tx.usage;
    const id = tx.insert(items, { a: 1 });
    tx.patch(items, id, { b: "xyz" });
    tx.replace(items, id, { a: 1, b: "xyz" });
    const sizes = getDocumentSize({ a: 1 }) + getDocumentSize({ a: 1, b: "xyz" });
    expect(used).toMatchObject({ documentsWritten: 2, bytesWritten: sizes });
    tx.remove(items, id);
    expect(used).toMatchObject({ documentsWritten: 3, bytesWritten: sizes });
    tx.close();
  });

  it("[LIM6] for a write that was taken back is nothing, for its reads what they were", () => {
    const { database, items } = openDatabase("taken-back");
    const tx = database.begin();
    const id = tx.insert(items, { a: 1 });
    const before = { ...tx.usage.used };
    const savepoint = tx.savepoint();
    tx.patch(items, id, { a: 2 });
    tx.usage.charge("functionsScheduled", 1);
    tx.rollbackTo(savepoint);
    const { documentsRead, bytesRead } = before;
    expect(tx.usage.used).toEqual({
      ...before,
      documentsRead: documentsRead + 1,
      bytesRead: bytesRead + getDocumentSize({ a: 1 }),
      functionsScheduled: 1,
    });
    tx.close();
  });

  it.each([
    ["documentsRead", 2, "TooManyDocumentsRead"],
    ["bytesRead", 150, "TooManyBytesRead"],
  ] as const)("[LIM7] ends at the limit: %s", async (metric, limit, code) => {
    const open = openDatabase("end", { limits: { [metric]: limit } });
    open.commit((tx) => {
      for (const a of [1, 2, 3]) tx.insert(open.items, { a });
    });
    const tx = open.database.begin();
    await expect(queryOn(tx, "items").collect()).rejects.toMatchObject({ code });
    expect(await queryOn(open.database.begin(), "items").take(2)).toHaveLength(2);
    tx.close();
  });

  it("[LIM7] ends at the limit of intervals, of which neighbours are one", async () => {
    const open = openDatabase("intervals", { limits: { databaseQueries: 2 } });
    const ids = open.commit((tx) => [1, 2, 3].map((a) => tx.insert(open.items, { a })));
    const tx = open.database.begin();
    type Q = {
      eq(f: string, v: unknown): Q;
      gte(f: string, v: number): Q;
      lt(f: string, v: number): Q;
    };
    const between = (from: number, to: number) =>
      queryOn(tx, "items")
        .withIndex("by_a", ((q: Q) => q.gte("a", from).lt("a", to)) as never)
        .collect();
    await between(0, 1);
    await between(1, 2);
    await between(2, 3);
    await between(0, 3);
    tx.get(open.items, ids[0] as string);
    expect(failureOf(() => tx.get(open.items, ids[1] as string)).code).toBe("TooManyReads");
    tx.close();
  });

  it("[LIM7] ends at the limit of writes and of their bytes", () => {
    const { database, items } = openDatabase("writes-end", {
      limits: { documentsWritten: 2, bytesWritten: 150 },
    });
    const tx = database.begin();
    const id = tx.insert(items, { a: 1 });
    expect(failureOf(() => tx.insert(items, { a: 1, b: "x".repeat(100) })).code).toBe(
      "TooManyBytesWritten",
    );
    expect(failureOf(() => tx.remove(items, id)).code).toBe("TooManyWrites");
    tx.close();
  });
});
