// Every adapter against the port's contract, and the contract's cases against adapters that break it.

import {
  memoryPersistence,
  type Persistence,
  type PersistenceHarness,
  type PersistentStore,
  persistenceCases,
} from "invex/persistence";
import { sqlite } from "invex/sqlite";
import { describe, expect, it } from "vitest";
import { SqliteFolder, sqliteLibraries } from "./sqlite-files";

const memory: PersistenceHarness = {
  create: () => {
    const persistence = memoryPersistence();
    return { adapter: () => persistence };
  },
};

describe("memoryPersistence", () => {
  for (const { name, run } of persistenceCases(memory)) it(`[PER1] ${name}`, run);
});

for (const library of sqliteLibraries) {
  const harness: PersistenceHarness = {
    create: () => {
      const folder = new SqliteFolder();
      // One handle: another would be another owner, also after the first has given the file up.
      const handle = folder.open(library);
      return { adapter: () => sqlite(handle), dispose: () => folder.remove() };
    },
  };
  describe(`sqlite on ${library.name}`, () => {
    for (const { name, run } of persistenceCases(harness)) it(`[PER1] ${name}`, run);
  });
}

/** What an adapter may get wrong, and the case that finds it. */
const mistakes: Record<string, (store: PersistentStore) => Partial<PersistentStore>> = {
  "forgets the named texts": (store) => ({
    write: ({ rows }) => store.write({ rows, meta: [] }),
  }),
  "ignores tables": (store) => ({
    rows: (table) => store.rows(table === 2 ? 1 : table),
  }),
  "never deletes": (store) => ({
    write: ({ rows, meta }) =>
      store.write({ rows: rows.filter(({ change }) => change !== "delete"), meta }),
  }),
  "reads one batch only": (store) => ({
    *rows(table) {
      for (const batch of store.rows(table)) yield batch.slice(0, 5_000);
    },
  }),
  "cuts long texts": (store) => ({
    write: ({ rows, meta }) =>
      store.write({
        rows: rows.map((row) => (row.text ? { ...row, text: row.text.slice(0, 1_000_000) } : row)),
        meta,
      }),
  }),
  "keeps broken uploads": (store) => ({
    files: { ...methodsOf(store.files), ids: () => ["left over"] },
  }),
  "reads ranges wrong": (store) => ({
    files: {
      ...methodsOf(store.files),
      read: (id, start) => store.files.read(id, start, start + 9),
    },
  }),
};

describe("an adapter with a mistake", () => {
  for (const [mistake, change] of Object.entries(mistakes)) {
    it(`[PER1] that ${mistake} fails a case`, async () => {
      const cases = persistenceCases({ create: () => brokenPlace(change) });
      const results = await Promise.allSettled(cases.map(({ run }) => run()));
      expect(results.some(({ status }) => status === "rejected")).toBe(true);
    });
  }

  it("[PER1] that lets two backends in fails a case", async () => {
    const [, ...cases] = persistenceCases({
      create: () => {
        const persistence = memoryPersistence();
        const open = () => {
          persistence.crash();
          return persistence.open();
        };
        return { adapter: (): Persistence => ({ open }) };
      },
    });
    const run = cases.find(({ name }) => name === "one backend at a time")?.run;
    await expect(run?.()).rejects.toThrow("expected an error, and there was none");
  });
});

function brokenPlace(change: (store: PersistentStore) => Partial<PersistentStore>) {
  const persistence = memoryPersistence();
  const open = async () => {
    const store = await persistence.open();
    return { ...methodsOf(store), ...change(store) };
  };
  return { adapter: (): Persistence => ({ open }) };
}

/** An object's getters and methods as fields, so that it can be spread. */
function methodsOf<T extends object>(object: T): T {
  const names = [
    ...Object.keys(object),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(object) as object),
  ].filter((name) => name !== "constructor");
  const entries = names.map((name) => {
    const value = object[name as keyof T];
    return [name, typeof value === "function" ? value.bind(object) : value];
  });
  return Object.fromEntries(entries) as T;
}
