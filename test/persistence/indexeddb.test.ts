// IndexedDB as `fake-indexeddb` has it on Node, with locks of our own; `test/browser` has the real one.

import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { deleteDB, openDB } from "idb";
import { isInvexError, manualClock } from "invex";
import { type IndexedDbOptions, indexedDB } from "invex/indexeddb";
import { type PersistenceHarness, persistenceCases } from "invex/persistence";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openChores } from "./chores";
import { FakeLocks } from "./web-locks";

const locks = new FakeLocks();
let names = 0;
const freshName = () => `db${++names}`;

/** Nobody waits: who is refused hears it at once. */
function at(name: string, options: IndexedDbOptions = {}) {
  return indexedDB(name, { locks, waitMs: 0, ...options });
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("indexedDB", () => {
  const harness: PersistenceHarness = {
    create: () => {
      const name = freshName();
      return { adapter: () => at(name), dispose: () => deleteDB(name) };
    },
  };
  for (const { name, run } of persistenceCases(harness)) it(`[PER1] ${name}`, run);

  it("[PER20] rows of many tables, more than are read at a time, come back to their tables", async () => {
    const name = freshName();
    const store = await at(name).open();
    const rows = [3, 1, 2].flatMap((table) =>
      Array.from({ length: 1_500 }, (_, i) => ({
        table,
        id: `${i}`,
        change: "insert" as const,
        text: `${table}/${i}`,
      })),
    );
    await store.write({ rows, meta: [] });
    await store.close();
    const again = await at(name).open();
    for (const table of [1, 2, 3]) {
      const found = [...again.rows(table)].flat();
      expect(found).toHaveLength(1_500);
      expect(found.every(({ id, text }) => text === `${table}/${id}`)).toBe(true);
    }
    await again.close();
  });

  it("[PER20] options that are none are refused, naming them", () => {
    const refused = (options: object) => () => indexedDB("a", options as IndexedDbOptions);
    expect(refused({ durability: "lax" })).toThrow(
      'indexedDB: option `durability`: expected "strict" or "relaxed", got lax',
    );
    expect(refused({ waitMs: -1 })).toThrow("option `waitMs`");
    expect(refused({ locks: {} })).toThrow("option `locks`");
    expect(() => indexedDB("")).toThrow("indexedDB: expected a name");
  });
});

describe("a backend made again on IndexedDB", () => {
  it("[PER2] [PER3] [PER4] [PER5] has its documents, jobs and files, and goes on from there", async () => {
    const name = freshName();
    const clock = manualClock(1_700_000_000_000);
    const first = openChores(at(name), { clock, seed: "s" });
    const extra = { big: 2n ** 62n, zero: -0, bytes: new ArrayBuffer(3) };
    const dishes = await first.mutation("chores:add", { title: "wash the dishes", extra });
    await first.mutation("chores:remind", { afterMs: 60_000, line: "waiting" });
    const file = await first.action("chores:keep", { text: "hello" });
    const url = await first.query("chores:urlOf", { id: file });
    const before = await first.query("chores:list");
    await first.close();

    const second = openChores(at(name), { clock: manualClock(clock.now()), seed: "s" });
    expect(await second.query("chores:list")).toEqual(before);
    expect(await second.query("chores:search", { text: "dishes" })).toEqual(before);
    expect(await (await second.fetch(url)).text()).toBe("hello");
    expect(await second.mutation("chores:add", { title: "a" })).not.toBe(dishes);
    await second.advance(60_000);
    expect(await second.query("chores:lines")).toEqual(["waiting"]);
    await second.close();
  });

  it("[PER20] leaves the database to the next when it cannot begin", async () => {
    const name = freshName();
    const store = await at(name).open();
    await store.write({ rows: [], meta: [{ name: "format", text: "99" }] });
    await store.close();
    for (let i = 0; i < 2; i++) {
      const { ready } = openChores(at(name));
      expect(await rejection(ready)).toMatchObject({ fields: { problem: "newer" } });
    }
  });
});

describe("one backend at a time", () => {
  it("[PER21] a second one is told that the database is in use, and by what", async () => {
    const name = freshName();
    const first = await at(name).open();
    const error = await rejection(at(name).open());
    expect(error.fields).toEqual({ name, problem: "busy" });
    expect(error.message).toContain(`The IndexedDB database "${name}" is in use: another tab`);
    await first.close();
    await (await at(name).open()).close();
  });

  it("[PER21] who waits gets it when it is free, or hears that it is not in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const name = freshName();
    const first = await at(name).open();
    const patient = at(name, { waitMs: Number.POSITIVE_INFINITY }).open();
    const refused = rejection(at(name, { waitMs: 1000 }).open());
    await vi.advanceTimersByTimeAsync(1000);
    expect((await refused).fields).toMatchObject({ problem: "busy" });
    await first.close();
    await (await patient).close();
  });

  it("[PER21] who loses the lock writes no more", async () => {
    const name = freshName();
    const first = await at(name).open();
    locks.steal(`invex:${name}`);
    const second = await at(name).open();
    const error = await rejection(first.write(oneRow("first")));
    expect(error.message).toContain("has taken the lock");
    await second.write(oneRow("second"));
    await second.close();
  });

  it("[PER21] nobody deletes the database from under a backend", async () => {
    const name = freshName();
    const store = await at(name).open();
    let isBlocked = false;
    const blocked = new Promise<void>((resolve) => {
      void deleteDB(name, {
        blocked: () => {
          isBlocked = true;
          resolve();
        },
      }).then(resolve);
    });
    await blocked;
    expect(isBlocked).toBe(true);
    await store.write(oneRow("a"));
    await store.close();
  });
});

describe("what is wrong is said", () => {
  it("[PER22] somebody else's database is left alone", async () => {
    for (const version of [1, 7]) {
      const name = freshName();
      const theirs = await openDB(name, version, {
        upgrade: (database) => void database.createObjectStore("carts"),
      });
      await theirs.put("carts", "c", "k");
      theirs.close();
      const error = await rejection(at(name).open());
      expect(error.fields).toEqual({ name, stores: ["carts"], problem: "foreign" });
      const after = await openDB(name);
      expect([after.version, await after.get("carts", "k")]).toEqual([version, "c"]);
      after.close();
    }
  });

  it("[PER22] a newer version's database is left alone", async () => {
    const name = freshName();
    await (await at(name).open()).close();
    (await openDB(name, 2)).close();
    const error = await rejection(at(name).open());
    expect(error.fields).toEqual({ name, version: 2, problem: "newer" });
  });

  it("[PER22] what is no text is named", async () => {
    const name = freshName();
    await (await at(name).open()).close();
    const garble = async (store: string, key: IDBValidKey, value: unknown) => {
      const database = await openDB(name);
      await database.put(store, value, key);
      database.close();
      return rejection(at(name).open());
    };
    expect((await garble("invex_rows", [1, "r"], 5)).message).toContain('row "r" of table 1');
    const named = await garble("invex_meta", "m", {});
    expect(named.message).toContain('entry "m" is not text');
    expect(named.fields).toEqual({ problem: "damaged" });
  });

  it("[PER22] a page without storage or without locks is told so", async () => {
    const forbidden = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("indexedDB", { open: forbidden });
    const blocked = await rejection(at(freshName()).open());
    expect(blocked.fields).toEqual({ problem: "unwritable" });
    expect(blocked.message).toContain("This page may not keep data in IndexedDB");
    vi.stubGlobal("navigator", {});
    const insecure = await rejection(indexedDB("a").open());
    expect(insecure.message).toContain("a secure context");
    const frame = await rejection(at("a", { locks: { request: async () => forbidden() } }).open());
    expect(frame.fields).toEqual({ problem: "unwritable" });
  });

  it("[PER22] a database that the browser closes stops the backend with its reason", async () => {
    const name = freshName();
    const opened = vi.spyOn(IDBFactory.prototype, "open");
    const backend = openChores(at(name));
    await backend.mutation("chores:add", { title: "kept" });
    const request = opened.mock.results[0]?.value as IDBOpenDBRequest;
    const closed = new Promise((resolve) => request.result.addEventListener("close", resolve));
    forceCloseDatabase(request.result as never);
    await closed;
    const error = await rejection(backend.mutation("chores:add", { title: "lost" }));
    expect(error.message).toContain("The browser has closed the IndexedDB database");
    await backend.close();
    const again = openChores(at(name));
    expect(await again.query("chores:list")).toMatchObject([{ title: "kept" }]);
    await again.close();
  });

  it("[PER22] a row that is there already is not inserted again, nor anything beside it", async () => {
    const name = freshName();
    const store = await at(name).open();
    await store.write(oneRow("a"));
    const batch = { rows: [...oneRow("b").rows, ...oneRow("a").rows], meta: [] };
    expect((await rejection(store.write(batch))).message).toContain("is there already");
    await store.close();
    const again = await at(name).open();
    expect([...again.rows(1)].flat()).toEqual([{ id: "a", text: "a" }]);
    await again.close();
  });
});

function oneRow(id: string) {
  return { rows: [{ table: 1, id, change: "insert" as const, text: id }], meta: [] };
}

async function rejection(promise: unknown) {
  try {
    await promise;
  } catch (error) {
    if (isInvexError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
